import NetworkAddress
import Testing

@Suite struct AddressBlockTests {
    @Test(arguments: [
        "10.0.0.0/8", "0.0.0.0/0", "192.0.2.1", "192.0.2.1/32", "fd00::/8", "::1", "::/0", "10.1.2.128/25",
    ])
    func `blocks of addresses`(text: String) {
        #expect(AddressBlock(text)?.description == text)
    }

    @Test(arguments: [
        "", "10.0.0.1/8", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "10.0.0.0/+8", "host", "::1/64",
    ])
    func `what is no block of addresses is refused`(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/9", "10.128.0.0/9", false),
        ("0.0.0.0/0", "192.0.2.1", true), ("0.0.0.0/0", "::1", false), ("10.0.0.0/8", "10.0.0.0/7", false),
        ("fd00::/8", "fdff::1", true),
    ])
    func `a block contains the addresses that begin with its prefix`(block: String, other: String, isIn: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(#require(AddressBlock(other))) == isIn)
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("2001:DB8:0::7", "2001:db8::7"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ])
    func `an address has one form`(text: String, form: String) {
        #expect(IPAddress(text)?.description == form)
    }

    @Test(arguments: ["", "localhost", "10.0.0", "10.0.0.256", "1.2.3.4/8", ":::", " 10.0.0.1", "10.0.0.1 "])
    func `what is no address is not taken for one`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("10.1.2.3", true), ("11.1.2.3", false), ("::ffff:10.1.2.3", true), ("fd00::1", true), ("nonsense", false),
    ])
    func `blocks contain what one of them contains`(address: String, isIn: Bool) throws {
        let blocks = try ["10.0.0.0/8", "fd00::/8"].map { try #require(AddressBlock($0)) }
        #expect(blocks.contain(address) == isIn)
        #expect(!([AddressBlock]().contain(address)))
    }
}
