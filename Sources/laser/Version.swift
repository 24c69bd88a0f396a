/// Which `laser` this is.
///
/// A constant in the source, raised by the commit that changes what a command prints or writes: a program that was
/// copied somewhere still knows it, and none is asked at run time.
enum Version {
  static let current = "0.2.0"
}
