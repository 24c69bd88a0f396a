internal import CMPI
internal import Foundation
internal import Numerics

/// The processes that share a training, which `mpirun` has started on one machine or on several.
///
/// Each computes the gradients of some of the fixed pieces of a batch. The sum goes from process to process, each adding its
/// own pieces in their order, so that the parameters have the same bits whatever the number of processes is; the first
/// process, which ends the chain, makes the update and gives the parameters to all. It alone reports and saves.
public struct Ranks: Sendable {
  /// Which of the processes this is, from 0.
  public let index: Int
  /// How many there are.
  public let count: Int
  private let transport: any RankTransport

  /// Whether this is the process that reports and saves.
  public var isFirst: Bool { index == 0 }

  /// One process that trains for itself.
  public static let alone = Ranks(index: 0, count: 1, over: NoTransport())

  init(index: Int, count: Int, over transport: any RankTransport) {
    self.index = index
    self.count = count
    self.transport = transport
  }

  /// The processes that `mpirun` has started; ``alone`` where it has not started this one.
  ///
  /// - Throws: `RanksError.unavailable` where OpenMPI is missing.
  public static func joined() throws -> Ranks {
    let environment = ProcessInfo.processInfo.environment
    guard let size = environment["OMPI_COMM_WORLD_SIZE"], size != "1" else { return alone }
    var (index, count) = (CInt(0), CInt(0))
    try MPITransport.check(mpi_join(&index, &count))
    return Ranks(index: Int(index), count: Int(count), over: MPITransport())
  }

  /// Says that this process ends on purpose. One that ends otherwise ends all of them.
  ///
  /// - Throws: `RanksError`.
  public func leave() throws { try transport.leave() }

  /// Which of `total` pieces are this process's: the last process has the first ones, for the sum ends in the first.
  func pieces(of total: Int) -> Range<Int> {
    let place = count - 1 - index
    return total * place / count..<total * (place + 1) / count
  }

  /// Whether the chain begins here.
  var isChainStart: Bool { index == count - 1 }

  /// Waits for what the process before this one in the chain has added up.
  func receive(_ floats: FloatBuffer, _ doubles: inout [Double]) throws {
    try inPieces(of: floats.bytes) { try transport.receive($0, from: index + 1) }
    try doubles.withUnsafeMutableBytes { try transport.receive($0, from: index + 1) }
  }

  /// Hands a sum on to the next process of the chain.
  func send(_ floats: FloatBuffer, _ doubles: [Double]) throws {
    try inPieces(of: floats.bytes) { try transport.send(UnsafeRawBufferPointer($0), to: index - 1) }
    try doubles.withUnsafeBytes { try transport.send($0, to: index - 1) }
  }

  /// Gives what the first process has to all.
  func share(_ floats: FloatBuffer) throws {
    try inPieces(of: floats.bytes) { try transport.broadcast($0) }
  }

  /// Gives what the first process has to all.
  func share(_ doubles: inout [Double]) throws {
    try doubles.withUnsafeMutableBytes { try transport.broadcast($0) }
  }

  /// What the first process decides.
  func decide(_ decision: @autoclosure () -> Bool) throws -> Bool {
    guard count > 1 else { return decision() }
    var shared = [isFirst && decision() ? 1.0 : 0]
    try share(&shared)
    return shared[0] != 0
  }

  /// MPI counts bytes in 32 bits.
  private func inPieces(
    of bytes: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    for start in stride(from: 0, to: bytes.count, by: 1 << 28) {
      let end = min(start + 1 << 28, bytes.count)
      try body(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
    }
  }
}

/// How the processes of a training talk.
protocol RankTransport: Sendable {
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws
  /// Gives the bytes of process 0 to all.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws
  func leave() throws
}

/// Nobody is there to talk to.
private struct NoTransport: RankTransport {
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {}
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {}
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
  func leave() {}
}

/// OpenMPI.
private struct MPITransport: RankTransport {
  static func check(_ error: UnsafePointer<CChar>?) throws {
    if let error { throw RanksError.unavailable(String(cString: error)) }
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws {
    try Self.check(mpi_send(bytes.baseAddress, CInt(bytes.count), CInt(rank)))
  }

  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws {
    try Self.check(mpi_receive(bytes.baseAddress, CInt(bytes.count), CInt(rank)))
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
    try Self.check(mpi_broadcast(bytes.baseAddress, CInt(bytes.count)))
  }

  func leave() throws { try Self.check(mpi_leave()) }
}

extension FloatBuffer {
  fileprivate var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start, count: 4 * count)
  }
}

/// Why several processes cannot share a training.
package enum RanksError: Error, Equatable, Sendable {
  /// What OpenMPI says.
  case unavailable(String)
  /// There are more processes than pieces of a batch.
  case tooMany(processes: Int, pieces: Int)
  /// A process stands somewhere else than the first one: another folder, or other episodes.
  case otherState(process: Int, updates: Int, expected: Int)
}

extension RanksError: CustomStringConvertible {
  /// What is wrong, and what to do about it.
  package var description: String {
    switch self {
    case .unavailable(let reason):
      "mpirun has started several processes, but \(reason)"
    case .tooMany(let processes, let pieces):
      "\(processes) processes share a training, expected at most \(pieces), for a batch is cut into so many pieces; start fewer and give each more threads"
    case .otherState(let process, let updates, let expected):
      "process \(process) goes on after \(updates) updates with other episodes or in another folder, expected what the first process has, after \(expected) updates; all processes need the same files at the same paths"
    }
  }
}
