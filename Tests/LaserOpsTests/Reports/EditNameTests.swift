import Reports
import Testing

@Suite struct EditNameTests {
  @Test func `a set of components is told by its number, every other edit as it is written`() {
    #expect(EditName.short("keep:Uin:1:4-b-0123456789abcdef") == "keep:Uin:1:3 of 4")
    let two = EditName.short("Uout:2:0.5,keep:Wq:0#3:4-b-0123456789abcdef")
    #expect(two == "Uout:2:0.5, keep:Wq:0#3:3 of 4")
    for edit in ["Uin:1:0.5", "Uin:1:0.5,Wq:*:0.1", "base"] {
      #expect(EditName.short(edit) == edit)
    }
  }
}
