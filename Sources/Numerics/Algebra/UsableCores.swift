internal import Foundation

/// The cores that this process may use, which on a shared machine are fewer than it has.
package enum UsableCores {
  /// The least of the processor mask, the control group's quota, and what Slurm gave the task; at least one.
  package static let count = least(
    of: [
      mask(files: text(of:)), quota(files: text(of:)),
      ProcessInfo.processInfo.environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) },
    ], all: ProcessInfo.processInfo.activeProcessorCount)

  private static func text(of path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The least of the limits that are known and make sense.
  static func least(of limits: [Int?], all: Int) -> Int {
    (limits.compactMap(\.self).filter { $0 > 0 } + [max(1, all)]).min() ?? 1
  }

  /// How many processors the system lets this process run on, from a mask in hexadecimal digits.
  ///
  /// - Parameter files: Reads a file; nil where there is none.
  /// - Returns: The number; nil where the system does not say.
  static func mask(files: (String) -> String?) -> Int? {
    let line = (files("/proc/self/status") ?? "").split(separator: "\n")
      .first { $0.hasPrefix("Cpus_allowed:") }
    return line.map { line in
      line.dropFirst("Cpus_allowed:".count).reduce(0) {
        $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0)
      }
    }
  }

  /// The control group's share of processor time in whole cores, rounded up; nil without a limit.
  ///
  /// - Parameter files: Reads a file; nil where there is none.
  /// - Returns: The smallest quota of the groups that the process is in.
  static func quota(files: (String) -> String?) -> Int? {
    func cores(_ quota: Substring, _ period: Substring) -> Int? {
      guard let quota = Double(quota), let period = Double(period), quota > 0, period > 0 else {
        return nil
      }
      return max(1, Int((quota / period).rounded(.up)))
    }
    // Of the group and every one above it the smallest counts.
    var limits: [Int] = []
    for line in (files("/proc/self/cgroup") ?? "").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecondVersion = parts[1].isEmpty
      guard isSecondVersion || parts[1].split(separator: ",").contains("cpu") else { continue }
      let root = isSecondVersion ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu"
      var group = parts[2].split(separator: "/").map(String.init)
      while true {
        let folder = ([root] + group).joined(separator: "/")
        if isSecondVersion {
          let words = (files(folder + "/cpu.max") ?? "").split { $0.isWhitespace }
          if words.count == 2, let limit = cores(words[0], words[1]) { limits.append(limit) }
        } else if let quota = files(folder + "/cpu.cfs_quota_us"),
          let period = files(folder + "/cpu.cfs_period_us"),
          let limit = cores(
            quota.split { $0.isWhitespace }.first ?? "",
            period.split { $0.isWhitespace }.first ?? "")
        {
          limits.append(limit)
        }
        guard !group.isEmpty else { break }
        group.removeLast()
      }
    }
    return limits.min()
  }
}
