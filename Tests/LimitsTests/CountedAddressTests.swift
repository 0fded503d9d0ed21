import Limits
import Testing

@Suite struct CountedAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
        ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"), ("fe80::1%eth0", "fe80::/64"), ("::1", "::/64"),
        ("unix", "unknown"), ("", "unknown"), ("192.0.2", "unknown"),
    ])
    func `an address is counted by itself, or by its block`(address: String, counted: String) {
        #expect(CountedAddress(address).description == counted)
    }

    @Test func `the addresses of a block count as one, and those beside it do not`() {
        #expect(CountedAddress("2001:db8::1") == CountedAddress("2001:db8::ffff:1"))
        #expect(CountedAddress("2001:db8::1") != CountedAddress("2001:db8:0:1::1"))
        #expect(CountedAddress("192.0.2.1") != CountedAddress("192.0.2.2"))
        #expect(CountedAddress("0.0.0.0") != CountedAddress("::"))
        #expect(CountedAddress("nonsense") != CountedAddress("0.0.0.0"))
    }
}
