import LaserOps
import Synchronization

/// The progress of a search: the edited models (or their answers) that are done, and how far the present one is.
final class SearchBar: Sendable {
  private let bar: ProgressBar
  private let last = Mutex<SearchProgress?>(nil)

  init(_ title: String) { bar = ProgressBar(title) }

  /// A step of the search is done.
  func show(_ progress: SearchProgress) {
    last.withLock { $0 = progress }
    bar.show(
      progress.done, of: progress.total, left: progress.remaining,
      "\(progress.unit) · \(progress.summary)")
  }

  /// The gradient of so many matrices is known.
  func show(gradients: Int, of all: Int) { bar.show(gradients, of: all, "gradients of matrices") }

  /// So many answers of those of the present step are there.
  func show(answers: Int, of all: Int) {
    // Before the first site there is the unedited model, after the last one the test part.
    guard answers < all else { return }
    guard let progress = last.withLock({ $0 }), progress.done < progress.total else {
      bar.note("\(answers) of \(all) answers")
      return
    }
    bar.show(
      progress.done, of: progress.total, left: progress.remaining,
      "\(progress.unit), \(answers) of \(all) answers at the next · \(progress.summary)")
  }

  /// Ends the bar's line.
  func finish(_ remark: String) { bar.finish(remark) }
}
