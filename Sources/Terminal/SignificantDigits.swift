// Numbers as people read them: so many significant digits, powers of ten where that is shorter.
import Glibc

extension Double {
    /// The number with `digits` significant digits: `0.9712`, `1235`, `5.000e-4`, `nan`.
    ///
    /// Whole numbers below a million are written in full, without a point. Below 1e-3 and from 1e6 on
    /// there is a power of ten.
    public func significant(_ digits: Int) -> String {
        if isNaN { return "nan" }
        if isInfinite { return self < 0 ? "-inf" : "inf" }
        if self == rounded(), magnitude < 1e6 { return "\(Int(self))" }
        let text = printed("%.*e", digits - 1)
        let parts = text.split(separator: "e")
        let exponent = Int(parts[1])!
        guard (-3..<6).contains(exponent) else { return "\(parts[0])e\(exponent)" }
        return fixed(max(0, digits - 1 - exponent))
    }

    /// The number with so many digits after the point.
    package func fixed(_ decimals: Int) -> String { printed("%.*f", decimals) }

    /// The number as C prints it, rounded correctly whatever its size.
    private func printed(_ format: String, _ decimals: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 400)
        let count = withVaList([CInt(decimals), self]) {
            vsnprintf(&buffer, buffer.count, format, $0)
        }
        return String(decoding: buffer[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
