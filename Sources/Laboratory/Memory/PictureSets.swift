// Which pictures memories are measured on: rendered ones always, real ones where --data has them.
import Tensors

extension ExperimentSetting {
    /// Textures and, with --data, MNIST, CIFAR-10 and Tiny ImageNet, each where it lies there; else rendered digits.
    ///
    /// - Throws: ``DataError`` where one of them is damaged.
    func memoryPictures(_ count: Int) throws(DataError) -> [LabelledPictures] {
        var sets = [Textures().pictures(count, seed: 1)]
        guard let data else { return sets + [Digits().pictures(count, seed: 1)] }
        let folder = try DataFolder(data)
        if folder.holds("mnist") { sets.append(try folder.mnist().training.prefix(10 * count)) }
        return sets + (try photographSets())
    }

    /// CIFAR-10 and Tiny ImageNet, each where --data has it.
    ///
    /// - Throws: ``DataError`` where one of them is damaged.
    func photographSets() throws(DataError) -> [LabelledPictures] {
        guard let data else { return [] }
        let folder = try DataFolder(data)
        var sets: [LabelledPictures] = []
        if folder.holds("cifar10") { sets.append(try folder.cifar10().training) }
        if folder.holds("tinyimagenet") { sets.append(try folder.tinyImageNet().pictures) }
        return sets
    }
}

extension LabelledPictures {
    /// So many of them for a seed, in random order; all where there are no more.
    func drawn(_ count: Int, seed: Int) -> Tensor<Float> {
        var random = RandomSource(seed: UInt64(seed))
        return selecting((0..<self.count).shuffled(using: &random).prefix(count)).pictures
    }
}
