using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Serverless.Core.Tests.Runs;
using Serverless.Datasets;
using Serverless.Erasure;
using Serverless.Features;
using Serverless.Models;
using Serverless.Partitions;
using Serverless.Registry;
using Serverless.Replay;
using Serverless.Runs;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Scoring.Batch;

/// <summary>A store with a model that answers 2x + 1, and processes that share it.</summary>
internal sealed class BatchProcesses : IDisposable
{
    public const int Rows = 25;

    private readonly List<ServiceProvider> processes = [];

    public BatchProcesses() => Store = new LocalStore(Time, new SeededIds(7));

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public LocalStore Store { get; }

    public KeptTables Tables { get; } = new();

    public ServiceProvider Process(Fuse? fuse = null, int seed = 1)
    {
        var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time).AddSingleton<IdSource>(new SeededIds(seed))
            .AddServerless(new Workspace
            {
                Name = "test", Root = "workspace", Hash = "h", Storage = new(), ApiKeys = [], Datasets = new Dictionary<string, DatasetDefinition>(),
                Models = new Dictionary<string, ModelDefinition>
                {
                    ["twice"] = new()
                    {
                        Name = "twice", Task = TaskKind.Regression, Dataset = "none", Label = new ExpressionText("y"), Features = [], Trainer = new TrainerDefinition("linear", new Dictionary<string, Parameter>(), 1, 1, 1), Holdout = TimeSpan.FromDays(1),
                        Gate = new GateDefinition(), File = "models/twice.yaml", Batch = new BatchDefinition { Key = ["k"], Precompute = true, PartRows = 10 },
                    },
                },
            })
            .AddSingleton(fuse is null ? Store.Objects : new MortalObjects(Store.Objects, fuse))
            .AddSingleton(fuse is null ? Store.Records : new MortalRecords(Store.Records, fuse))
            .AddSingleton(fuse is null ? Store.Queue : new MortalQueue(Store.Queue, fuse))
            .AddSingleton<Serverless.Rollouts.IFlagStore, Serverless.Rollouts.ObjectFlagStore>()
            .AddSingleton<IDataEngine>(Tables).AddSingleton<IBatchFiles>(Tables).AddSingleton<IRowFilter, NoRows>().AddSingleton<IQuarantineJudge, NoRows>().BuildServiceProvider();
        processes.Add(services);
        return services;
    }

    public async Task RegisterAsync()
    {
        var document = new PipelineDocument
        {
            Model = "twice", Task = TaskKind.Regression, Label = "y", Classes = [], Predictor = "linear",
            Features = new FeaturePlanState { Inputs = [new("x", ColumnType.Number, true)], Features = [new() { Name = "x", From = "x" }] },
        };
        var registry = Process().GetRequiredService<IModelRegistry>();
        var version = await registry.RegisterAsync(Registry.RegistryFixture.Candidate("r") with
        {
            Model = "twice", Schema = document.Schema(), Artefact = ModelPackage.Write(document, new LinearPredictor([0], [[2]], [1], Link.Identity)),
        });
        await registry.PromoteAsync("twice", version.Version, "test", "");
    }

    /// <summary>A file of <see cref="Rows"/> rows, precomputed by key, in three parts.</summary>
    public async Task<string> StartAsync(ServiceProvider process) => await process.GetRequiredService<IBatches>().StartAsync(new BatchRequest { Model = "twice", By = "test", Precompute = true }, "rows.csv",
        new MemoryStream(Encoding.ASCII.GetBytes($"{Rows}")));

    /// <summary>Works until the run has ended, letting time pass where there is nothing to do.</summary>
    public async Task<RunRecord> FinishAsync(ServiceProvider process, string id)
    {
        var engine = process.GetRequiredService<RunEngine>();
        for (var i = 0; i < 1000; i++)
        {
            if (await engine.FindAsync(id) is { Status: not RunStatus.Running } ended) return ended;
            if (await engine.WorkOnceAsync()) continue;
            Time.Advance(TimeSpan.FromSeconds(5));
            if (i % 100 == 99) await engine.RecoverAsync();
        }

        throw new TimeoutException($"run '{id}' did not end");
    }

    /// <summary>The table that an object holds.</summary>
    public async Task<Table> TableAsync(string key)
    {
        await using var stream = (await Store.Objects.OpenReadAsync(key))!;
        using var reader = new StreamReader(stream);
        return Tables.Of(await reader.ReadToEndAsync());
    }

    public void Dispose()
    {
        processes.ForEach(p => p.Dispose());
        Store.Dispose();
    }
}
