/// Gathers a task's examples, and counts the rows that give none.
struct ExampleCollector {
  private(set) var examples: [BenchmarkExample] = []
  private(set) var leftOut: [LeftOutRows] = []
  private(set) var repeated = 0
  var notes: [BenchmarkNote] = []
  private var seen = Set<[UInt8]>()
  private var groupCount = 0
  private var placeOfReason: [RowFault: Int] = [:]

  /// Reads the records one by one; one that `body` refuses with a ``RowFault`` is counted.
  mutating func forEach(
    _ records: some Sequence<DatasetRecord>,
    _ body: (DatasetRecord, inout ExampleCollector) throws -> Void
  ) throws {
    for record in records {
      do {
        try body(record, &self)
      } catch let fault as RowFault {
        leaveOut(record, because: fault)
      }
    }
  }

  /// Adds what one record gave: examples that share a group of their own.
  mutating func append(_ questions: [BenchmarkExample]) {
    guard !questions.isEmpty else { return }
    append(questions, group: groupCount)
  }

  /// Adds examples to a group, which may be an earlier one or the next.
  ///
  /// - Precondition: Groups are numbered without gaps.
  mutating func append(_ questions: [BenchmarkExample], group: Int) {
    precondition(group <= groupCount, "group \(group) after \(groupCount) groups")
    groupCount = max(groupCount, group + 1)
    for question in questions {
      var example = question
      example.group = group
      examples.append(example)
      // By bytes: texts that are only canonically equivalent are two.
      let key = Array(example.prompt.utf8) + [0] + Array(example.answer.utf8)
      if !seen.insert(key).inserted { repeated += 1 }
    }
  }

  /// Counts a row, or a part of one, that gives no example.
  mutating func leaveOut(_ record: DatasetRecord, because reason: RowFault) {
    if let place = placeOfReason[reason] {
      leftOut[place].count += 1
    } else {
      placeOfReason[reason] = leftOut.count
      leftOut.append(LeftOutRows(reason: reason, count: 1, first: record.place))
    }
  }
}
