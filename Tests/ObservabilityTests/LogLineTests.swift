import Foundation
import Logging
import Observability
import Synchronization
import Testing

/// Keeps the lines that were logged.
final class KeptLines: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var sink: LogSink { LogSink { line in self.kept.withLock { $0.append(line) } } }

    func logger(_ form: LineLogHandler.Form, level: Logger.Level = .trace) -> Logger {
        Logger(label: "wharf.test") { label in
            LineLogHandler(label: label, level: level, form: form, sink: sink) {
                LogTime(milliseconds: 1_769_903_999_123)
            }
        }
    }
}

@Suite struct LogLineTests {
    let kept = KeptLines()

    @Test func `a JSON line has time, level, logger, message and sorted metadata`() {
        var logger = kept.logger(.json)
        logger[metadataKey: "request"] = "01"
        logger.warning("slow \"body\"", metadata: ["bytes": .stringConvertible(17), "at": ["a", ["b": "c"]]])
        #expect(
            kept.lines == [
                #"{"time":"2026-01-31T23:59:59.123Z","level":"warning","logger":"wharf.test","#
                    + #""message":"slow \"body\"","metadata":{"at":["a",{"b":"c"}],"bytes":"17","request":"01"}}"#
                    + "\n"
            ]
        )
    }

    @Test func `a readable line has the time of day, the level, the message and the metadata`() {
        kept.logger(.readable).info("served", metadata: ["name": "team/app", "agent": "a b", "none": ""])
        #expect(kept.lines == ["23:59:59.123 info     served agent=\"a b\" name=team/app none=\"\"\n"])
    }

    @Test func `an error that is logged is shown`() {
        struct Failure: Error, CustomStringConvertible { let description = "no space" }
        kept.logger(.readable).error("cannot write", error: Failure())
        #expect(kept.lines == ["23:59:59.123 error    cannot write error=\"no space\"\n"])
    }

    @Test(arguments: [LineLogHandler.Form.json, .readable])
    func `no text from outside can forge a line or drive a terminal`(form: LineLogHandler.Form) throws {
        let hostile = "a\n{\"level\":\"info\"}\r\t\u{1b}[2J\u{7f}\u{9b}\u{2028}\u{202e}\u{0}b"
        kept.logger(form).info("\(hostile)", metadata: ["\(hostile)": "\(hostile)"])
        let line = try #require(kept.lines.first)
        #expect(kept.lines.count == 1)
        #expect(line.hasSuffix("\n"))
        let controls = line.unicodeScalars.dropLast().filter { scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                || scalar.properties.generalCategory == .lineSeparator
        }
        #expect(controls.isEmpty)
    }

    @Test func `a JSON line reads back as what was logged`() throws {
        let message = "tab\t line\n \u{1b} \\ \"q\" ümläut 🐳 \u{2028}"
        kept.logger(.json).info("\(message)")
        let line = try #require(kept.lines.first)
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == message)
    }

    @Test func `what is below the level is not written`() {
        let logger = kept.logger(.json, level: .warning)
        logger.info("no")
        logger.error("yes")
        #expect(kept.lines.count == 1)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
        (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
    ])
    func `times are spelled as RFC 3339 does`(milliseconds: Int, text: String) {
        #expect(LogTime(milliseconds: milliseconds).text == text)
    }

    @Test func `the clock of the system is in this century`() {
        #expect(abs(Double(LogTime.now().milliseconds) / 1000 - Date().timeIntervalSince1970) < 5)
    }
}

@Suite struct LogSinkTests {
    @Test func `lines of many tasks arrive whole`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "wharf-log-\(UUID().uuidString)")
        #expect(FileManager.default.createFile(atPath: file.path(), contents: nil))
        defer { try? FileManager.default.removeItem(at: file) }
        let handle = try FileHandle(forWritingTo: file)
        let logger = Logger(label: "many") { label in
            LineLogHandler(label: label, form: .json, sink: .descriptor(handle.fileDescriptor))
        }
        let filling = String(repeating: "x", count: 9000)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<50 { logger.info("\(task) \(number) \(filling)") }
                }
            }
        }
        try handle.close()
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 400)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"time":""#) && $0.hasSuffix("xxx\"}") })
    }

    @Test func `a closed descriptor drops the line and does not stop the program`() {
        LogSink.descriptor(-1).write("lost\n")
    }
}
