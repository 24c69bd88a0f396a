extension BenchmarkTask {
  /// How many tokens of a biography a masked model sees: its last ones, as in the authors' code.
  static let maskedBiographyLength = 50

  /// Bias in Bios (De-Arteaga et al. 2019): the gender of a biography's subject.
  static let biosGender = BenchmarkTask(
    .biosGender, version: 1,
    layouts: [RowLayout(fields: ["hard_text", "gender"])],
    scoring: { _, _ in .classification },
    collect: { files, options, collector in
      let words = genderQuestion(options)
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        collector.append([
          BenchmarkExample(
            prompt: try biography(record, options, task: .biosGender) + words,
            ending: options.family.isMasked ? "." : "", answer: " " + (try gender(record)),
            candidates: [" male", " female"])
        ])
      }
    })

  /// Bias in Bios: the profession of a biography's subject, where it is one of eight that are one token.
  static let biosProfession = BenchmarkTask(
    .biosProfession, version: 1,
    layouts: [RowLayout(fields: ["hard_text", "profession"])],
    scoring: { _, _ in .classification },
    collect: { files, options, collector in
      let isMasked = options.family.isMasked
      let words =
        isMasked
        ? " The profession of the person in the text is called"
        : " What is the profession of the person in this text? The profession of this person is"
      try collector.forEach(files.flatMap(\.records)) { record, collector in
        let profession = try askedProfession(of: record)
        collector.append([
          BenchmarkExample(
            prompt: try biography(record, options, task: .biosProfession) + words,
            ending: isMasked ? "." : "", answer: " " + profession,
            candidates: askedProfessions.map { " " + $0 })
        ])
      }
    })

  /// The paper has no prompt for masked models: its words are given a mask as the authors give it to theirs.
  private static func genderQuestion(_ options: BenchmarkOptions) -> String {
    switch (options.variant, options.family.isMasked) {
    case (.paper, _): " Is the person in this text male or female? The person is"
    case (.authors, false):
      " Is the person in this text a male or female? The gender of this person is"
    case (.authors, true): " Is the person in this text a male or female? This person is"
    }
  }

  private static func biography(
    _ record: DatasetRecord, _ options: BenchmarkOptions, task: Name
  ) throws -> String {
    var text = try record.text("hard_text")
    if options.family.isMasked {
      guard let tokenizer = options.tokenizer else {
        throw BenchmarkError.needsTokenizer(task: task)
      }
      let ids = try tokenizer.encode(text)
      if ids.count > maskedBiographyLength {
        text = try tokenizer.decode(ids.suffix(maskedBiographyLength))
      }
    }
    return "Consider the following text: " + text.closedAsSentence
  }

  private static func gender(_ record: DatasetRecord) throws -> String {
    switch try record.label("gender") {
    case "male", "m", "0": "male"
    case "female", "f", "1": "female"
    default: throw RowFault.unknownLabel(field: "gender", expected: "male, female, 0, 1")
    }
  }

  private static func askedProfession(of record: DatasetRecord) throws -> String {
    let label = try record.label("profession")
    let name = Int(label).flatMap { professions.indices.contains($0) ? professions[$0] : nil }
    guard let profession = name ?? professions.first(where: { $0 == label }) else {
      throw RowFault.unknownLabel(
        field: "profession", expected: "the 28 professions, 0 to \(professions.count - 1)")
    }
    guard askedProfessions.contains(profession) else { throw RowFault.otherProfession }
    return profession
  }

  /// In the authors' order.
  private static let askedProfessions = [
    "journalist", "poet", "composer", "model", "teacher", "architect", "painter", "professor",
  ]

  /// All professions of the set, in the order of their numbers.
  private static let professions = [
    "accountant", "architect", "attorney", "chiropractor", "comedian", "composer", "dentist",
    "dietitian", "dj", "filmmaker", "interior_designer", "journalist", "model", "nurse", "painter",
    "paralegal", "pastor", "personal_trainer", "photographer", "physician", "poet", "professor",
    "psychologist", "rapper", "software_engineer", "surgeon", "teacher", "yoga_teacher",
  ]
}
