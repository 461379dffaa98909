using Microsoft.Extensions.Time.Testing;
using Serverless.Models;
using Serverless.Registry;
using Serverless.Registry.Signing;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Storage;
using Serverless.Testing;

namespace Serverless.Core.Tests.Registry;

/// <summary>A registry on a local store, and candidates to put into it.</summary>
internal sealed class RegistryFixture : IDisposable
{
    private readonly TempFolder keys = new();

    public RegistryFixture()
    {
        Store = new LocalStore(Time);
        Registry = Open();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public LocalStore Store { get; }

    public ModelRegistry Registry { get; }

    public string KeyPath => Path.Combine(keys.Path, "keys", "model-signing.pem");

    /// <param name="settings">Policy and other trusted keys.</param>
    /// <param name="signer">Another key than that of <see cref="KeyPath"/>.</param>
    public ModelRegistry Open(SigningSettings? settings = null, IModelSigner? signer = null) => new(
        Store.Objects, Store.Records, new AliasMoves(Store.Records, Time, IdSource.System), Files(settings, signer), Time, []);

    public VersionFiles Files(SigningSettings? settings = null, IModelSigner? signer = null)
    {
        signer ??= new KeyFile(KeyPath, IdSource.System);
        settings ??= SigningSettings.Default;
        return new VersionFiles(Store.Objects, new ModelSigning(signer, new TrustedKeys(settings, signer), settings));
    }

    public async Task<int> AddAsync(string run, bool needsApproval = false, double value = 0.5) =>
        (await Registry.RegisterAsync(Candidate(run, needsApproval, value))).Version;

    public void Dispose()
    {
        Store.Dispose();
        keys.Dispose();
    }

    public static ModelCandidate Candidate(string run, bool needsApproval = false, double value = 0.5)
    {
        var document = new PipelineDocument
        {
            Model = "late", Task = TaskKind.Binary, Label = "delay > 15", Classes = ["false", "true"], Predictor = "constant",
            Features = new Serverless.Features.FeaturePlanState { Inputs = [], Features = [] },
        };
        return new ModelCandidate
        {
            Model = "late",
            Run = run,
            Artefact = ModelPackage.Write(document, new ConstantPredictor([value])),
            Trainer = "baseline",
            Schema = document.Schema(),
            Metrics = new Dictionary<string, double> { ["auc"] = 0.7 },
            NeedsApproval = needsApproval,
            Lineage = new Lineage
            {
                Dataset = "flights", DatasetVersion = 3, Partitions = ["a", "b"], ContractVersion = "c", CodeVersion = "0.1.0", WorkspaceHash = "h", Seed = 42,
                Hyperparameters = new Dictionary<string, double>(), TrainFrom = DateTimeOffset.UnixEpoch, HoldoutFrom = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.UnixEpoch,
            },
        };
    }
}
