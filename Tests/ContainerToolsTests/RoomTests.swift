import Testing
@testable import ContainerTools
