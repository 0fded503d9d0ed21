import NetworkAddress
import Testing

@testable import Outgoing

@Suite struct AddressGuardTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fc00::1", "fd00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "2001:db8::1",
        "3fff::1",
        "100::1", "64:ff9b:1::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::7f00:1", "::10.0.0.1",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1",
        "2001:0:7f00:1::1", "2001:0:808:808:0:0:f5ff:fffe",
    ])
    func `only the public internet is dialled`(text: String) throws {
        let address = try #require(IPAddress(text))
        let refusal = try #require(AddressGuard.publicOnly().refusal(of: address))
        #expect(refusal.description.hasPrefix("\(address) is ") && refusal.reason.contains("/"))
        #expect(AddressGuard.anywhere.refusal(of: address) == nil)
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "172.15.255.255", "172.32.0.1", "192.167.255.255",
        "100.63.0.1",
        "100.128.0.1", "169.253.1.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808:0:0:f7f7:f7f7", "fbff::1",
    ])
    func `public addresses are dialled`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressGuard.publicOnly().refusal(of: address) == nil)
    }

    @Test func `what is allowed is dialled, also inside another address, and nothing else`() throws {
        let blocks = ["10.1.0.0/16", "fd00:1::/32"].compactMap { AddressBlock($0) }
        let guardian = AddressGuard.publicOnly(allowing: blocks)
        for text in ["10.1.2.3", "fd00:1::5", "64:ff9b::10.1.2.3", "::ffff:10.1.2.3", "8.8.8.8"] {
            #expect(guardian.refusal(of: try #require(IPAddress(text))) == nil, "\(text)")
        }
        for text in ["10.2.2.3", "fd00:2::5", "64:ff9b::10.2.2.3", "127.0.0.1"] {
            #expect(guardian.refusal(of: try #require(IPAddress(text))) != nil, "\(text)")
        }
    }
}
