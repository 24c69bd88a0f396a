import Files
import Foundation
import Sokoban
import Testing

struct ImageTests {
  private let allTiles: [UInt8] = [0, 1, 2, 3, 4, 5, 6, 0]

  @Test func `the tiny picture has one pixel a cell`() {
    let image = Image(tilesOf: allTiles, rows: 2, columns: 4)
    #expect(image.width == 4 && image.height == 2)
    #expect(image.bytes.prefix(12) == [0, 0, 0, 243, 248, 238, 254, 126, 125, 254, 95, 56])
  }

  @Test func `the tiny picture has gym-sokoban's colours`() {
    let image = Image(tilesOf: Tile.allCases.map(\.rawValue), rows: 1, columns: 7)
    let colors: [[UInt8]] = [
      [0, 0, 0], [243, 248, 238], [254, 126, 125], [254, 95, 56], [142, 121, 56], [160, 212, 56],
      [219, 212, 56],
    ]
    #expect(image.bytes == colors.flatMap(\.self))
  }

  @Test func `the large picture has sixteen pixels a cell and tells all tiles apart`() {
    let image = Image(spritesOf: allTiles, rows: 2, columns: 4)
    #expect(image.width == 64 && image.height == 32)
    let alone = allTiles.map { Image(spritesOf: [$0], rows: 1, columns: 1) }
    #expect(Set(alone).count == 7)
    var assembled = Image(width: 64, height: 32, color: 0)
    for (cell, tile) in alone.enumerated() {
      assembled.draw(tile, left: cell % 4 * 16, top: cell / 4 * 16)
    }
    #expect(assembled == image)
  }

  @Test func `a room of ten by ten cells is 160 by 160 pixels`() throws {
    let level = try #require(EnvironmentGolden().episodes.first).level
    let picture = Environment(level).largePicture
    #expect(picture.width == 160 && picture.height == 160)
  }

  @Test func `a PNG is read back as it was written`() throws {
    let folder = try TemporaryFolder()
    let image = Image(spritesOf: allTiles, rows: 2, columns: 4)
    try image.write(to: folder.file("room.png"))
    #expect(try Image(contentsOf: folder.file("room.png")) == image)
    #expect(folder.names == ["room.png"])
  }

  @Test func `noise survives a PNG, which cannot make it smaller`() throws {
    var state: UInt32 = 1
    let bytes = (0..<37 * 11 * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    let image = Image(width: 37, height: 11, bytes: bytes)
    #expect(try Image(png: image.png(), named: "noise") == image)
  }

  @Test func `a PNG cut short or damaged is an error`() throws {
    let png = try Image(spritesOf: allTiles, rows: 2, columns: 4).png()
    for length in [0, 4, 8, 20, 40, png.count / 2] {
      #expect(throws: ImageError.self) { try Image(png: Array(png.prefix(length)), named: "cut") }
    }
    var huge = png
    huge.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    #expect(throws: ImageError.self) { try Image(png: huge, named: "huge") }
    #expect(throws: ImageError.self) { try Image(png: Array("no picture".utf8), named: "text") }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func `a picture on a full disk is an error`() {
    let image = Image(tilesOf: allTiles, rows: 2, columns: 4)
    #expect(throws: FileError.cannotWrite(path: "/dev/full", code: ENOSPC)) {
      try image.write(to: "/dev/full")
    }
  }

  @Test func `a failed write leaves the old file and nothing beside it`() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("room.png"), withIntermediateDirectories: false)
    let image = Image(tilesOf: allTiles, rows: 2, columns: 4)
    #expect(throws: FileError.self) { try image.write(to: folder.file("room.png")) }
    #expect(folder.names == ["room.png"])
  }

  @Test func `a strip puts frames side by side`() {
    let frames = [
      Image(width: 2, height: 2, color: 0x010203), Image(width: 1, height: 1, color: 0x040506),
    ]
    let strip = Image.strip(of: frames, gap: 1, color: 0)
    #expect(strip.width == 4 && strip.height == 2)
    #expect(strip.bytes.prefix(12) == [1, 2, 3, 1, 2, 3, 0, 0, 0, 4, 5, 6])
    #expect(strip.bytes.suffix(3) == [0, 0, 0])
    #expect(frames[1].scaled(by: 2) == Image(width: 2, height: 2, color: 0x040506))
  }
}
