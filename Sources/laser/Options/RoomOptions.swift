import ArgumentParser
import Sokoban

/// The size and number of boxes of generated rooms; what is not given is as in `RoomConfiguration`.
struct RoomOptions: ParsableArguments {
  @Option(help: "Boxes in each generated room, 1 to 5 (default: 4).")
  var boxes: Int?

  @Option(help: "Rows and columns of each generated room, walls included (default: 10).")
  var size: Int?

  var isEmpty: Bool { boxes == nil && size == nil }

  var configuration: RoomConfiguration {
    var rooms = RoomConfiguration()
    if let boxes { rooms.boxes = boxes }
    if let size { rooms = RoomConfiguration(rows: size, columns: size, boxes: rooms.boxes) }
    return rooms
  }
}
