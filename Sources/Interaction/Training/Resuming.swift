// Going on from where a run was stopped.
import FileNames
import Glibc
import Learning
import Networks

extension TrainingState {
    /// The state saved at `path` if there is one, else this one, which has not begun.
    ///
    /// A saved run must have been begun with the same notes ("settings", "data", ...): else it would go on as another.
    ///
    /// - Parameter refusal: The error that says why it cannot go on.
    /// - Throws: `refusal`, `SafetensorsError`.
    func resumed(
        from path: String, for networks: some Module, refusal: (String) -> any Error
    ) throws -> TrainingState {
        guard access(path.fileName, F_OK) == 0 else { return self }
        let saved = try TrainingState(contentsOf: path, for: networks, optimiser: optimiser)
        for note in notes.keys.sorted() where saved.notes[note] != notes[note] {
            throw refusal("\(path) was made with other \(note); name another --checkpoint")
        }
        return saved
    }
}
