import Foundation
@testable import LaserOps
import Numerics
import Testing

@Suite struct ComponentMaskTests {
  private let model = ToyModel()
  private let site = WeightSite(.mlpInput, layer: 1)

  private func edit(keeping kept: [Bool]) -> Intervention {
    let matrix = model.weight(at: site).matrix
    return Intervention(
      at: site, method: .keep(ComponentMask(kept, of: ComponentMask.fingerprint(of: matrix))))
  }

  @Test(arguments: [[true, false, true, true], [false, false, false, false]])
  func `an edit keeps the components of its mask and reads as it prints`(kept: [Bool]) throws {
    let edit = edit(keeping: kept)
    #expect(try Intervention(parsing: edit.description) == edit)
    let edited = try model.applying([edit]).weight(at: site).matrix
    let decomposition = try SingularValueDecomposition(of: model.weight(at: site).matrix)
    var expected = Matrix(rows: 6, columns: 4)
    for component in kept.indices where kept[component] {
      for row in 0..<6 {
        for column in 0..<4 {
          expected[row, column] += Float(
            Double(decomposition.left[row, component]) * decomposition.singularValues[component]
              * Double(decomposition.rightTransposed[component, column]))
        }
      }
    }
    #expect((edited - expected).norm <= 1e-5)
  }

  @Test func `keeping the first components is the edit of that rank, keeping all changes no bit`()
    throws
  {
    let first = try model.applying([edit(keeping: [true, true, false, false])])
    let rank = try model.applying(Intervention.list(parsing: "Uin:1:0.5"))
    #expect(first.weight(at: site) == rank.weight(at: site))
    #expect(try model.applying([edit(keeping: [true, true, true, true])]) == model)
  }

  @Test func `a mask of another matrix is refused, also after an edit of the same one`() throws {
    let edit = edit(keeping: [true, false, true, true])
    let other = ToyModel(seed: 9)
    #expect(throws: InterventionError.self) { try other.applying([edit]) }
    #expect(throws: InterventionError.self) {
      try model.applying(Intervention.list(parsing: "Uin:1:0.5") + [edit])
    }
    let composed = try model.applying(Intervention.list(parsing: "Uin:0:0.5,\(edit)"))
    #expect(composed.weight(at: site) == (try model.applying([edit])).weight(at: site))
  }

  @Test func `a mask of the wrong length is refused`() throws {
    let matrix = ComponentMask.fingerprint(of: model.weight(at: site).matrix)
    let long = Intervention(
      at: site, method: .keep(ComponentMask([true, false, true, true, true], of: matrix)))
    #expect(throws: InterventionError.maskLength(expected: 4, found: 5)) {
      try model.applying([long])
    }
  }

  @Test(arguments: [
    "", "4", "4-b", "4-bb-0123456789abcdef", "0--0123456789abcdef", "4-g-0123456789abcdef",
    "3-1-0123456789abcdef", "-4-b-0123456789abcdef", "4-b-0123", "4-b-0123456789abcdeg",
    "9223372036854775807-f-0123456789abcdef",
  ])
  func `text that is no mask is refused`(text: String) {
    #expect(throws: InterventionError.malformedMask(text)) { try ComponentMask(parsing: text) }
  }

  @Test func `a file of edits has them back, and says what is wrong with a damaged one`() throws {
    try withTemporaryFolder { folder in
      let edits = [edit(keeping: [true, false, true, true])]
      let file = try #require(EditFile(edits, model: "abc", source: "a test"))
      let url = folder.appending(path: "edit.json")
      try file.write(to: url)
      #expect(try EditFile(contentsOf: url.path).interventions == edits)
      #expect(EditFile(try Intervention.list(parsing: "Uin:1:0.5"), model: "", source: "") == nil)

      let text = try String(contentsOf: url, encoding: .utf8)
      func check(_ from: String, _ to: String, _ error: EditFileError) throws {
        try Data(text.replacingOccurrences(of: from, with: to).utf8).write(to: url)
        #expect(throws: error) { try EditFile(contentsOf: url.path) }
      }
      try check(
        #""laser_edit":1"#, #""laser_edit":2"#, .version(2, path: url.path, known: 1))
      try check(
        "[0,2,3]", "[0,2,4]", .component(4, site: "Uin:1", path: url.path, count: 4))
      try check(
        "[0,2,3]", "[2,0,3]", .component(0, site: "Uin:1", path: url.path, count: 4))
      try check(
        "laser_edit", "edit",
        .notAnEdit(path: url.path, reason: "no JSON object with the key laser_edit"))
      try check(
        #""components""#, #""parts""#,
        .notAnEdit(path: url.path, reason: "a key is absent or of another type"))
      #expect(throws: EditFileError.cannotRead(path: folder.path + "/none.json")) {
        try EditFile(contentsOf: folder.path + "/none.json")
      }
    }
  }

  @Test func `a component goes where the loss falls by more than so many standard errors`() {
    let changes = Matrix(
      rows: 4, columns: 4,
      values: [
        -1, -1, 1, -3,
        -1, 1, -1, -1,
        -1.1, -1, 1, 1,
        -1, 1, -1, 1,
      ])
    // The last column: −0.5 ± 0.96.
    #expect(ComponentSelection(errors: 0).kept(by: changes) == [false, true, true, false])
    #expect(ComponentSelection(errors: 1).kept(by: changes) == [false, true, true, true])
  }

  @Test func `a single example selects nothing`() {
    let changes = Matrix(rows: 1, columns: 2, values: [-1, 1])
    #expect(ComponentSelection(errors: 0).kept(by: changes) == [true, true])
  }
}
