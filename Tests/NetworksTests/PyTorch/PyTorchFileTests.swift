import Networks
import Tensors
import TestSupport
import Testing

@Suite("Files of torch.save")
struct PyTorchFileTests {
    private let folder = TemporaryFolder()
    private let layer = ConvolutionLayer("c", 1, 2, kernel: 1)

    /// A file of the layer's tensors, below `home`; `edit` may spoil the pickle's last bytes.
    private func file(
        home: String? = nil, weightStrides: [Int] = [1, 1, 1, 1], count: Int = 3,
        extra: ((inout Pickle) -> Void)? = nil, method: Int = 0
    ) -> String {
        var pickle = Pickle()
        func dictionary(_ pickle: inout Pickle) {
            pickle.name("collections", "OrderedDict")
            pickle.put(")")
            pickle.put("R")
            pickle.put("(")
            pickle.text("c.weight")
            pickle.tensor(
                "0", count: count, offset: 1, shape: [2, 1, 1, 1], strides: weightStrides)
            pickle.text("c.bias")
            pickle.tensor("1", type: "HalfStorage", count: 2, shape: [2], strides: [1])
            extra?(&pickle)
            pickle.put("u")
            // What a module's state dictionary carries beside its tensors.
            pickle.put("}")
            pickle.put("b")
        }
        if let home {
            pickle.put("}")
            pickle.text(home)
            dictionary(&pickle)
            pickle.put("s")
        } else {
            dictionary(&pickle)
        }
        pickle.put(".")
        return folder.write(
            zipArchive(
                [
                    ("m/data.pkl", pickle.bytes), ("m/byteorder", Array("little".utf8)),
                    ("m/data/0", floats([7, 1.5, -2])),
                    ("m/data/1", [0x00, 0x3c, 0x00, 0xc0]),
                ], method: method), to: "weights.pth")
    }

    @Test(
        "Tensors are found at the top and where training frameworks put them",
        arguments: [nil, "params_ema", "state_dict"])
    func tensors(home: String?) throws {
        let parameters = try PyTorchFile(contentsOf: file(home: home)).parameters(for: layer)
        #expect(parameters["c.weight"]?.elements == [1.5, -2])
        #expect(parameters["c.bias"]?.elements == [1, -2])
    }

    @Test("What is no part of a state dictionary is refused by its name")
    func refused() {
        let path = file(extra: { pickle in
            pickle.text("evil")
            pickle.name("os", "system")
            pickle.tuple([{ $0.text("touch /tmp/percept-evil") }])
            pickle.put("R")
        })
        #expect {
            try PyTorchFile(contentsOf: path)
        } throws: {
            "\($0)".contains("os.system") && "\($0)".contains("nothing of it was run")
        }
    }

    @Test("A tensor that reaches beyond its data, or repeats it, is refused")
    func bounds() {
        #expect { try PyTorchFile(contentsOf: file(weightStrides: [5, 1, 1, 1])) } throws: {
            "\($0)".contains("'c.weight' reaches beyond its data")
        }
        #expect { try PyTorchFile(contentsOf: file(count: 4)) } throws: {
            "\($0)".contains("'c.weight' is cut short")
        }
        #expect { try PyTorchFile(contentsOf: file(method: 8)) } throws: {
            "\($0)".contains("compressed")
        }
    }

    @Test("Tensors that are missing, left over or of another shape are named")
    func mismatch() throws {
        let file = try PyTorchFile(contentsOf: file())
        #expect { try file.parameters(for: ConvolutionLayer("d", 1, 2, kernel: 1)) } throws: {
            "\($0)".contains("'d.weight' is missing")
        }
        #expect { try file.parameters(for: ConvolutionLayer("c", 2, 2, kernel: 1)) } throws: {
            "\($0)".contains("'c.weight' is [2, 1, 1, 1], not [2, 2, 1, 1]")
        }
        #expect {
            try file.parameters(for: ConvolutionLayer("c", 1, 2, kernel: 1, hasBias: false))
        } throws: { "\($0)".contains("'c.bias' is not part") }
    }

    @Test("Every cut and every changed byte gives an error or the tensors, never a crash")
    func fuzz() throws {
        let whole = readBytes(file())
        for length in 0..<whole.count {
            let path = folder.write(Array(whole[..<length]), to: "cut.pth")
            #expect(throws: (any Error).self) { try PyTorchFile(contentsOf: path) }
        }
        var random = RandomSource(seed: 6)
        for position in whole.indices {
            var bytes = whole
            bytes[position] = UInt8(truncatingIfNeeded: random.next())
            _ = try? PyTorchFile(contentsOf: folder.write(bytes, to: "changed.pth"))
                .parameters(for: layer)
        }
    }
}
