/// How a text that is longer than a model's context is cut into windows that overlap (paper App. C.4).
///
/// The first window starts with the text; every further one ``stride`` tokens later, until one reaches the end. A
/// window scores the tokens that no earlier one has seen; what it shares with them is context alone. The first
/// token of a window is never scored, for nothing comes before it. So where the stride is shorter than the context
/// every token of the text but the first counts exactly once; where they are equal, the first of every window is
/// left out.
package struct SlidingWindows: Sendable, Equatable {
  /// The most tokens of a window.
  package let context: Int
  /// How many tokens later the next window starts.
  package let stride: Int

  /// Windows of `context` tokens that start every `stride` tokens.
  ///
  /// - Throws: ``PerplexityError``: a context below 2, a stride that is not from 1 to the context.
  package init(context: Int, stride: Int) throws {
    guard context >= 2 else { throw PerplexityError.contextTooShort(context) }
    guard (1...context).contains(stride) else {
      throw PerplexityError.strideOutOfRange(stride, context: context)
    }
    self.context = context
    self.stride = stride
  }

  /// A part of a text that is read at once.
  struct Window: Sendable, Equatable {
    /// What is read.
    let tokens: Range<Int>
    /// What is scored: its end.
    let scored: Range<Int>
  }

  /// How many of `count` tokens are scored.
  package func scoredCount(over count: Int) -> Int {
    windows(over: count).reduce(0) { $0 + $1.scored.count }
  }

  /// The windows over a text of `count` tokens that score something.
  func windows(over count: Int) -> [Window] {
    var windows: [Window] = []
    var start = 0
    var seen = 0
    while seen < count {
      // No sum, which could overflow.
      let end = count - start <= context ? count : start + context
      let scored = max(seen, start + 1)..<end
      if !scored.isEmpty { windows.append(Window(tokens: start..<end, scored: scored)) }
      seen = end
      start += stride
    }
    return windows
  }
}
