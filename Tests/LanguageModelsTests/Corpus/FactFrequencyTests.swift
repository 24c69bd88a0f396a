import Foundation
import LanguageModels
import Testing

@Suite struct FactFrequencyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func counts(
    _ facts: [(String, String)], in text: String, document: FactFrequency.Document = .line
  ) throws -> FactFrequency.Counts {
    try Data(text.utf8).write(to: folder["corpus.txt"])
    return try FactFrequency(
      facts.map { .init(subject: $0.0, answer: $0.1) }, document: document
    ).counts(in: [folder["corpus.txt"]])
  }

  @Test func `a fact counts once for every line that has its subject and its answer`() throws {
    let counts = try counts(
      [("Danielle Darrieux", "French")],
      in: """
        Danielle Darrieux spoke French, and French only.
        Danielle Darrieux was born in Bordeaux.
        French is spoken in Bordeaux.
        The French called her Danielle Darrieux
        """)
    #expect(counts.together == [2])
    #expect(counts.subjects == [3])
    #expect(counts.documents == 4)
  }

  @Test func `only whole words are found`() throws {
    let counts = try counts(
      [("Ann", "French"), ("Anna Frenchman", "Paris")],
      in: "Anna Frenchman lives in Paris\nann knows a french Frenchman\n")
    #expect(counts.together == [1, 1])
  }

  @Test func `case and punctuation between words do not count`() throws {
    let counts = try counts(
      [("Coca-Cola", "U.S."), ("coca cola", "u s")],
      in: "COCA @-@ COLA is from the U. S.\n")
    #expect(counts.together == [1, 1])
  }

  @Test(arguments: [
    "France—“Paris”—is", "France’s Paris", "Paris\u{A0}France", "「France」、Paris",
    "\u{FEFF}France…Paris",
  ])
  func `marks and spaces beyond ASCII end words`(text: String) throws {
    #expect(try counts([("France", "Paris")], in: text + "\n").together == [1])
  }

  @Test func `letters beyond ASCII belong to words, in their own case`() throws {
    let counts = try counts(
      [("Zürich", "1ª"), ("rich", "1"), ("zÜrich", "1ª")], in: "Zürich 1ª\n")
    #expect(counts.together == [1, 0, 0])
    #expect(counts.words == 2)
  }

  @Test func `phrases that overlap or contain each other are all found`() throws {
    let counts = try counts(
      [("New York City", "New York"), ("York City Hall", "City"), ("a a b", "a b")],
      in: "New York City Hall\na a a b\n")
    #expect(counts.together == [1, 1, 1])
  }

  @Test func `a paragraph ends at an empty line`() throws {
    let text = "Ann is\nfrom Paris\n \nAnn\n\nParis\n"
    #expect(try counts([("Ann", "Paris")], in: text).together == [0])
    let paragraphs = try counts([("Ann", "Paris")], in: text, document: .paragraph)
    #expect(paragraphs.together == [1])
    #expect(paragraphs.documents == 3)
  }

  @Test func `words that the pieces of a long text cut apart are found`() throws {
    // Longer than the buffer, and with a phrase across each of its ends.
    let line = String(repeating: "x ", count: (1 << 19) - 3) + "Danielle Darrieux is French\n"
    let counts = try counts([("Danielle Darrieux", "French")], in: line + line + line)
    #expect(counts.together == [3])
    #expect(counts.words == 3 * ((1 << 19) - 3 + 4))
  }

  @Test func `a gzipped text gives the counts of the plain one`() throws {
    let text = "Ann is from Paris\nAnn\n"
    let plain = try counts([("Ann", "Paris")], in: text)
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-k", folder["corpus.txt"].path]
    try gzip.run()
    gzip.waitUntilExit()
    let frequency = try FactFrequency([.init(subject: "Ann", answer: "Paris")])
    #expect(try frequency.counts(in: [folder["corpus.txt.gz"]]) == plain)
    let twice = try frequency.counts(in: [folder["corpus.txt.gz"], folder["corpus.txt"]])
    #expect(twice.together == [2])

    let whole = try Data(contentsOf: folder["corpus.txt.gz"])
    try whole.dropLast(6).write(to: folder["cut.gz"])
    #expect {
      try frequency.counts(in: [folder["cut.gz"]])
    } throws: { error in
      // The file is named once, though zlib names it too.
      guard case .cannotRead(let path, _, let reason)? = error as? CorpusError else { return false }
      return path.hasSuffix("cut.gz") && !reason.contains("cut.gz")
    }
  }

  @Test(arguments: [[0xEF, 0xBB, 0xBF], []] as [[UInt8]])
  func `a text is read without its byte order mark`(mark: [UInt8]) throws {
    try Data(mark + Array("Ann".utf8)).write(to: folder["text"])
    #expect(try CorpusFile(folder["text"]).readText() == "Ann")
  }

  @Test(
    arguments: [
      ([0xFF, 0xFE, 0x41, 0], "in UTF-16"), ([0xFE, 0xFF, 0, 0x41], "in UTF-16"),
      ([0xFD, 0x37, 0x7A, 0x58], "compressed with xz"),
      ([0x28, 0xB5, 0x2F, 0xFD], "compressed with zstd"),
      (Array("BZh9".utf8), "compressed with bzip2"),
    ] as [([UInt8], String)])
  func `what is no text is refused by its format`(bytes: [UInt8], format: String) throws {
    let file = folder["text"]
    try Data(bytes).write(to: file)
    #expect(throws: CorpusError.notText(path: file.path, format: format)) {
      try CorpusFile(file).readText()
    }
  }

  @Test func `a symbolic link gives the counts of the text that it leads to`() throws {
    let plain = try counts([("Ann", "Paris")], in: "Ann is from Paris\nAnn\n")
    try FileManager.default.createSymbolicLink(
      at: folder["link.txt"], withDestinationURL: folder["corpus.txt"])
    let frequency = try FactFrequency([.init(subject: "Ann", answer: "Paris")])
    #expect(try frequency.counts(in: [folder["link.txt"]]) == plain)
  }

  @Test func `what has no words is refused`() throws {
    #expect(throws: CorpusError.nothingToCount) {
      try FactFrequency([.init(subject: "…", answer: "?")])
    }
    #expect(throws: CorpusError.noText(paths: [folder["corpus.txt"].path])) {
      try counts([("Ann", "Paris")], in: " \n\n--\n")
    }
    let frequency = try FactFrequency([.init(subject: "Ann", answer: "Paris")])
    #expect {
      try frequency.counts(in: [folder["absent"]])
    } throws: { error in
      guard case .cannotOpen? = error as? CorpusError else { return false }
      return true
    }
  }

  @Test func `a subject that never occurs counts zero`() throws {
    #expect(try counts([("Zed", "Paris")], in: "Ann is from Paris\n").subjects == [0])
  }
}
