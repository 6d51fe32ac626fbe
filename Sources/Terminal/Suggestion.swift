// What somebody may have meant who typed something that does not exist.

/// The number of single-letter insertions, deletions, replacements and swaps of neighbours that
/// turn one text into the other (optimal string alignment distance).
public func editDistance(_ first: String, _ second: String) -> Int {
    let a = Array(first), b = Array(second)
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
        var current = [i] + [Int](repeating: 0, count: b.count)
        for j in 1...b.count {
            let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            current[j] = min(last[j] + 1, current[j - 1] + 1, replaced)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                current[j] = min(current[j], beforeLast[j - 2] + 1)
            }
        }
        beforeLast = last
        last = current
    }
    return last[b.count]
}

/// The candidate nearest to `typed`, if one is near enough to be worth saying.
///
/// Near enough is a third of the letters wrong, or a beginning of at least three letters.
public func suggestion(for typed: String, among candidates: [String]) -> String? {
    let typed = typed.lowercased()
    // Nobody means anything by a word of that length, and comparing takes its square.
    guard !typed.isEmpty, typed.utf8.count <= 100 else { return nil }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(typed, candidate.lowercased())
        if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    if let best, best.distance <= max(1, min(typed.count, best.name.count) / 3) { return best.name }
    guard typed.count >= 3 else { return nil }
    return candidates.first { $0.lowercased().hasPrefix(typed) || typed.hasPrefix($0.lowercased()) }
}
