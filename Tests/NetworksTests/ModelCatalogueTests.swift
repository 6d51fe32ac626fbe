import Networks
import Testing

@Suite("Model catalogue")
struct ModelCatalogueTests {
    @Test("The environment's folder comes first, then beside the program, then share")
    func order() {
        let catalogue = ModelCatalogue(environment: "/e", program: "/opt/percept/bin/mwgan")
        #expect(catalogue.folders.first == "/e")
        #expect(catalogue.folders[1] == "/opt/percept/bin/models")
        #expect(catalogue.folders[2] == "/opt/percept/share/percept/models")
    }

    @Test("A name that is nowhere is refused with the folders that were searched")
    func missing() {
        let catalogue = ModelCatalogue(environment: "/nowhere", program: nil)
        #expect {
            try catalogue.path(of: "live")
        } throws: { "\($0)".contains("/nowhere") }
        #expect(throws: ModelNotFound.self) { try catalogue.path(of: "/nowhere/x.safetensors") }
    }
}
