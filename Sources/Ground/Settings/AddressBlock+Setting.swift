import NetworkAddress

extension AddressBlock: SettingValue {
    static let placeholder = "BLOCK"
    static let expected = "an IP address or a block such as 10.0.0.0/8, with no bit set behind the prefix"

    init?(settingText: String) { self.init(settingText) }

    var settingText: String { description }
}
