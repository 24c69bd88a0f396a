import LaserOps
import Synchronization

/// The progress of a search: the sites that are done, and how far the present one is.
final class SearchBar: Sendable {
  private let bar = ProgressBar("sites")
  private let last = Mutex<SearchProgress?>(nil)

  /// A step of the search is done.
  func show(_ progress: SearchProgress) {
    last.withLock { $0 = progress }
    bar.show(progress.done, of: progress.total, progress.summary)
  }

  /// So many answers of those of the present step are there.
  func show(answers: Int, of all: Int) {
    // The first step is the unedited model, before there are sites to be counted.
    guard answers < all, let progress = last.withLock({ $0 }), progress.done < progress.total
    else { return }
    bar.show(
      progress.done, of: progress.total,
      "\(answers) of \(all) answers at the next · \(progress.summary)")
  }

  /// Ends the bar's line.
  func finish(_ remark: String) { bar.finish(remark) }
}
