import Testing

@testable import Numerics

@Suite struct UsableCoresTests {
  @Test func `the least limit that makes sense counts`() {
    #expect(UsableCores.least(of: [nil, nil, nil], all: 128) == 128)
    #expect(UsableCores.least(of: [4, 16, nil], all: 128) == 4)
    #expect(UsableCores.least(of: [0, -1, 8], all: 16) == 8)
    #expect(UsableCores.least(of: [], all: 0) == 1)
  }

  @Test func `the processor mask is read`() {
    let status = "Name:\tlaser\nCpus_allowed:\t00000000,0000000f\nCpus_allowed_list:\t0-3\n"
    #expect(UsableCores.mask { $0 == "/proc/self/status" ? status : nil } == 4)
    #expect(UsableCores.mask { _ in nil } == nil)
  }

  @Test(arguments: [
    ("150000 100000", 2), ("max 100000", nil), ("50000 100000", 1), ("nonsense", nil), ("", nil),
  ])
  func `the quota of a control group of the second version is rounded up`(text: String, cores: Int?)
  {
    let files = ["/proc/self/cgroup": "0::/job/step\n", "/sys/fs/cgroup/job/cpu.max": text + "\n"]
    #expect(UsableCores.quota { files[$0] } == cores)
  }

  @Test func `the quota of the first version is read, and the smallest above counts`() {
    let files = [
      "/proc/self/cgroup": "12:cpu,cpuacct:/job\n1:memory:/job\n",
      "/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us": "300000\n",
      "/sys/fs/cgroup/cpu/job/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    ]
    #expect(UsableCores.quota { files[$0] } == 3)
  }
}
