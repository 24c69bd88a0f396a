import Foundation
import Testing

/// Renders pages in headless Chromium and tells what a person with a phone or a desk would stumble over.
///
/// All pages are frames of one page, so that one start of the browser, which takes a second, serves all of them. A
/// frame's width is what its style sheet sees as the screen's.
enum Chromium {
  /// The browser, if there is one.
  static let path = ["chromium", "chromium-browser", "google-chrome"]
    .flatMap { name in
      (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/\(name)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What one page looked like at one width.
  struct Findings: Decodable {
    struct Plot: Decodable {
      let horizontal: String
      let vertical: String
      let isMap: Bool
      /// Texts that leave the drawing.
      let cut: [String]
      /// Pairs of texts that cover each other.
      let overlapping: [String]
    }

    struct Figure: Decodable {
      let caption: String
      let legend: [String]
      let plots: [Plot]
    }

    struct Viewer: Decodable {
      let isVisible: Bool
      let stages: Int
      /// How many rows of buttons.
      let controls: Int
      /// Whether every picture has the colours of a room.
      let isDrawn: Bool
      /// Whether a key changes the step.
      let moves: Bool
      let stripsAreHidden: Bool
    }

    let page: String
    let width: Int
    let errors: [String]
    /// What was fetched from elsewhere.
    let fetched: [String]
    /// Elements that stick out at the side, outside of boxes that scroll.
    let overflowing: [String]
    let figures: [Figure]
    let viewers: [Viewer]
    /// Whether pointing at a figure's shape shows its value.
    let showsValues: Bool
  }

  /// Opens every page at every width.
  ///
  /// - Parameters:
  ///   - pages: HTML documents with a name each.
  ///   - widths: In CSS pixels.
  ///   - folder: Where files may be left.
  /// - Returns: What was found, in any order.
  /// - Throws: Where files cannot be written or the browser's answer is not understood.
  static func examine(_ pages: [(name: String, html: String)], widths: [Int], in folder: URL) throws
    -> [Findings]
  {
    let probe = try String(
      contentsOf: Bundle.module.bundleURL.appending(path: "Fixtures/probe.js"), encoding: .utf8)
    var frames = ""
    for (index, page) in pages.enumerated() {
      for width in widths {
        let file = folder.appending(path: "page-\(index)-\(width).html")
        let script =
          "<script>const probed = { page: '\(page.name)', width: \(width) };\n\(probe)</script>"
        let html = page.html.replacingOccurrences(of: "<head>", with: "<head>\(script)")
        try Data(html.utf8).write(to: file)
        frames += "<iframe src='\(file.lastPathComponent)' width=\(width) height=900></iframe>"
      }
    }
    let listener = """
      <pre id=found></pre><script>addEventListener('message', message => \
      document.getElementById('found').append(message.data + '\\n'));</script>
      """
    let album = folder.appending(path: "album.html")
    try Data("<!DOCTYPE html><meta charset=utf-8>\(listener)\(frames)".utf8).write(to: album)
    let dump = try dump(album, in: folder)
    let found = try #require(dump.components(separatedBy: "<pre id=\"found\">").last)
    let lines = (found.components(separatedBy: "</pre>").first ?? "")
      .replacingOccurrences(of: "&lt;", with: "<").replacingOccurrences(of: "&gt;", with: ">")
      .replacingOccurrences(of: "&amp;", with: "&")
    return try lines.split(separator: "\n").map {
      try JSONDecoder().decode(Findings.self, from: Data($0.utf8))
    }
  }

  /// The page as it stands when its scripts have run.
  private static func dump(_ page: URL, in folder: URL) throws -> String {
    let output = folder.appending(path: "dump.html")
    try Data().write(to: output)
    let process = Process()
    process.executableURL = URL(filePath: try #require(path))
    process.arguments = [
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(folder.appending(path: "browser").path)", "--window-size=2000,2000",
      "--allow-file-access-from-files", "--virtual-time-budget=4000", "--dump-dom",
      page.absoluteString,
    ]
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return try String(contentsOf: output, encoding: .utf8)
  }
}
