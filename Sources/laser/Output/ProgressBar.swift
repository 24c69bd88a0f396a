import Foundation
import Synchronization

/// Progress on standard error: a bar that moves on a terminal, a line every few seconds elsewhere.
final class ProgressBar: Sendable {
  private struct State {
    var lastPrint = Date.distantPast
    var hasOpenLine = false
    /// What was done before this process.
    var begun = 0
  }

  private let title: String
  private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) != 0
  private let start = Date()
  private let state = Mutex(State())

  /// Seconds between two prints, on a terminal and elsewhere.
  private static let pause = (terminal: 0.1, log: 5.0)

  init(_ title: String) {
    self.title = title
  }

  /// Counts what follows as going on after `done`: how long that took is not known here.
  func goOn(after done: Int) { state.withLock { $0.begun = done } }

  /// Says that `done` of `total` are done; prints when the last print is long enough ago.
  func show(_ done: Int, of total: Int, _ detail: String = "") {
    let begun = state.withLock(\.begun)
    let share = Double(done - begun) / Double(max(1, total - begun))
    let elapsed = Date().timeIntervalSince(start)
    show(done, of: total, left: share > 0 ? elapsed / share - elapsed : nil, detail)
  }

  /// Says that `done` of `total` are done and how many seconds the rest will take, where that is known.
  func show(_ done: Int, of total: Int, left: Double?, _ detail: String = "") {
    print(isLast: done >= total) {
      let share = total > 0 ? Double(done) / Double(total) : 1
      let left = share < 1 ? left.map { ", \(Self.duration($0)) left" } ?? "" : ""
      let filled = Int(share * 24)
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 24 - filled)
      return (bar + " ", "\(done) of \(total)\(left)\(detail.isEmpty ? "" : " · \(detail)")")
    }
  }

  /// Says what is being done where that has no share of the whole; prints when the last print is long enough ago.
  func note(_ text: String) { print(isLast: false) { ("", text) } }

  /// Prints unless the last print was a moment ago; the line is only made when it is printed.
  private func print(isLast: Bool, _ line: () -> (bar: String, text: String)) {
    state.withLock { state in
      let pause = isTerminal ? Self.pause.terminal : Self.pause.log
      guard isLast || Date().timeIntervalSince(state.lastPrint) >= pause else { return }
      state.lastPrint = Date()
      let (bar, text) = line()
      if isTerminal {
        write("\r\u{1B}[2K\(bar)\(title): \(text)")
        state.hasOpenLine = true
      } else {
        write("\(title): \(text)\n")
      }
    }
  }

  /// Ends the bar's line.
  func finish(_ remark: String? = nil) {
    state.withLock { state in
      if state.hasOpenLine { write("\n") }
      state.hasOpenLine = false
      if let remark {
        write("\(title): \(remark) (\(Self.duration(Date().timeIntervalSince(start))))\n")
      }
    }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// A duration in seconds, minutes or hours.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return switch whole {
    case ..<100: "\(whole) s"
    case ..<6_000: "\((whole + 30) / 60) min"
    default: "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    }
  }
}
