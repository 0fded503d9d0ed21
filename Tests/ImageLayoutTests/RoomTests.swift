import Testing
@testable import ImageLayout
