using System.Text.Json;
using Serverless.Core.Tests.Features;
using Serverless.Datasets;
using Serverless.Features;
using Serverless.FeatureViews;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Training;

namespace Serverless.Core.Tests.Scoring;

public sealed class ModelPackageTests
{
    [Fact]
    public void WriteAndRead_WholeModel_ScoresTheSameFromTheSameBytes()
    {
        var (bytes, _) = Package();
        Package().Bytes.ShouldBe(bytes);
        var pipeline = ModelPackage.Read(new MemoryStream(bytes), 7);
        pipeline.Version.ShouldBe(7);
        pipeline.Schema.Task.ShouldBe(TaskKind.Binary);
        pipeline.Schema.Inputs.Select(c => c.Name).ShouldBe(["date", "origin"]);
        pipeline.Schema.Outputs.ShouldBe(1);
        var row = pipeline.Features.Schema.NewRow();
        row.SetTimestamp(0, new DateTime(2001, 1, 5, 13, 0, 0).Ticks);
        row.SetText(1, "JFK");
        var outputs = new double[1];
        pipeline.Score(row, new float[2], outputs);
        outputs[0].ShouldBe(1 / (1 + Math.Exp(-(13 * 0.1 + 2))), 1e-6);
    }

    // What an older program can read keeps its version: a rollback of the program must not lose such models.
    [Fact]
    public void Write_FeaturesOfTheFirstVersion_SaysVersionOne()
    {
        var document = Package().Document;
        document.SchemaVersion.ShouldBe(1);
        var newer = document with { Features = document.Features with { Features = [.. document.Features.Features.Select(f => f with { Indicator = true })] } };
        newer.SchemaVersion.ShouldBe(2);
        newer.Schema().FeatureCount.ShouldBe(4);
    }

    // Written by version 1 of the format, before features had encoders.
    [Fact]
    public void Read_ArtefactOfTheFirstVersion_GivesTheSameFloats()
    {
        const string Old = """
            {"schemaVersion":1,"model":"late","task":"binary","label":"delay \u003E 15","classes":["false","true"],"threshold":0.5,"features":{"inputs":[{"name":"distance","type":"number","required":false},
            {"name":"origin","type":"string","required":false}],"features":[{"name":"distance","from":"distance","fill":100,"mean":50,"scale":25,"oneHot":false},
            {"name":"origin","from":"origin","categories":["ATL","JFK"],"oneHot":true}]},"predictor":"constant"}
            """;
        using var json = JsonDocument.Parse(Old);
        var plan = new FeaturePlan(PipelineReader.Read(json.RootElement, "pipeline.json").Features);
        var (row, floats) = (plan.Schema.NewRow(), new float[2]);
        row.SetText(1, "JFK");
        plan.Fill(row, floats);
        floats.ShouldBe([2, 1]);
        row.SetNumber(0, 75);
        row.SetText(1, "ORD");
        plan.Fill(row, floats);
        floats.ShouldBe([1, float.NaN]);
    }

    [Fact]
    public void Read_Truncated_SaysDamaged()
    {
        var bytes = Package().Bytes;
        Should.Throw<DataException>(() => ModelPackage.Read(new MemoryStream(bytes[..(bytes.Length / 2)]), 1)).Message.ShouldStartWith("model.zip is damaged");
    }

    [Fact]
    public void Read_NewerSchemaVersion_SaysToUpdate()
    {
        var (_, document) = Package();
        var bytes = ModelPackage.Write(document with { SchemaVersion = 3 }, new ConstantPredictor([0.5]));
        Should.Throw<DataException>(() => ModelPackage.Read(new MemoryStream(bytes), 1)).Message.ShouldBe("model.zip has schemaVersion 3; this program knows up to 2: update it");
    }

    // Every property of every record, every task and type: what the serializer writes, the reader reads.
    [Fact]
    public void Read_EveryProperty_IsWhatWasWritten()
    {
        foreach (var task in Enum.GetValues<TaskKind>())
        {
            var document = new PipelineDocument
            {
                Model = "late", Task = task, Label = "delay > 15 && origin != \"ÄÖ<\"", Classes = ["false", "true"], Threshold = 0.1 + 0.2, Predictor = "constant",
                Features = new FeaturePlanState
                {
                    Inputs = [.. Enum.GetValues<ColumnType>().Select((type, i) => new RawColumn($"c{i}", type, i % 2 == 0, i == 1 ? "km" : null, i == 2 ? "text" : null, i == 3 ? null : Looked((LookupKind)(i % 3))))],
                    Features =
                    [
                        new FittedFeature { Name = "a", From = "c0", Fill = -1.5, Mean = 1e-300, Scale = 3 },
                        new FittedFeature { Name = "b", From = "c2", Categories = ["x", "\u2028"], OneHot = true },
                        new FittedFeature { Name = "c", From = "c1", Log = "signed", Indicator = true },
                        new FittedFeature { Name = "d", From = "c1", Encode = "bins", Edges = [-0.1, 1e-320, 1e300], MissingCategory = true },
                        new FittedFeature { Name = "e", From = "c4", Encode = "cyclic", Periods = ["day", "year"] },
                        new FittedFeature { Name = "f", From = "c2", Encode = "hash", Buckets = 64 },
                        new FittedFeature { Name = "g", From = "c2", Encode = "text", Text = new FittedText { Characters = true, From = 2, To = 3, Vocabulary = ["ab", "\"\u0000"], Idf = [0.1 + 0.2, 1] } },
                    ],
                    Functions = [new FunctionVersion("miles", 3)],
                },
            };
            using var json = JsonDocument.Parse(JsonSerializer.Serialize(document, PipelineJson.Instance.PipelineDocument));
            var read = PipelineReader.Read(json.RootElement, "pipeline.json");
            JsonSerializer.Serialize(read, PipelineJson.Instance.PipelineDocument).ShouldBe(JsonSerializer.Serialize(document, PipelineJson.Instance.PipelineDocument));
            read.Features.Inputs.Select(c => c with { Lookup = null }).ShouldBe(document.Features.Inputs.Select(c => c with { Lookup = null }));
            read.Features.Inputs.Select(c => c.Lookup?.Identity).ShouldBe(document.Features.Inputs.Select(c => c.Lookup?.Identity));
        }

        // A property that is new here must be read too: whoever adds one comes by.
        new[] { typeof(PipelineDocument), typeof(FeaturePlanState), typeof(FittedFeature), typeof(RawColumn), typeof(FittedText), typeof(FunctionVersion), typeof(LookupDefinition), typeof(LookupKey) }
            .Select(t => t.GetProperties().Length).ShouldBe([8, 3, 15, 6, 5, 2, 10, 2]);
    }

    [Theory]
    [InlineData("""{"schemaVersion":1}""", "pipeline.json is not what was expected: 'features' is missing")]
    [InlineData("""{"schemaVersion":1,"features":{},"model":"m","task":"guess"}""", "pipeline.json is not what was expected: task 'guess' is not known")]
    public void ReadPipeline_NotWhatWasExpected_NamesIt(string text, string message)
    {
        using var json = JsonDocument.Parse(text);
        Should.Throw<InvalidDataException>(() => PipelineReader.Read(json.RootElement, "pipeline.json")).Message.ShouldBe(message);
    }

    [Fact]
    public void ReadPipeline_AnotherKindOfValue_IsDamage()
    {
        using var json = JsonDocument.Parse("""{"schemaVersion":1,"features":[],"model":7}""");
        Should.Throw<InvalidDataException>(() => PipelineReader.Read(json.RootElement, "pipeline.json")).Message.ShouldStartWith("pipeline.json is not what was expected: ");
    }

    private static LookupDefinition Looked(LookupKind kind) => new()
    {
        Kind = kind, Source = "airport-stats", Column = "mean", Type = ColumnType.Integer, Keys = [new("airport", "origin"), new("carrier", "carrier")], Dataset = "flights",
        Time = kind == LookupKind.View ? null : "date", Aggregate = kind == LookupKind.Rolling ? AggregateFunction.Stddev : null, Over = kind == LookupKind.Rolling ? TimeSpan.FromDays(7) : null, After = TimeSpan.FromHours((int)kind),
    };

    private static (byte[] Bytes, PipelineDocument Document) Package()
    {
        var table = Fixture.Table(300);
        var model = Fixture.Model(Fixture.Feature("hour", "date.Hour"), Fixture.Feature("origin", "origin"));
        var plan = FeatureFitting.Fit(model, FeatureCompiler.SchemaOf(Fixture.Dataset), new TrainerTraits(false, false, false), table, [.. Enumerable.Range(0, 300)]);
        var document = new PipelineDocument
        {
            Model = "late", Task = TaskKind.Binary, Label = "delay > 15", Classes = ["false", "true"], Features = plan.State, Predictor = "linear",
        };
        return (ModelPackage.Write(document, new LinearPredictor([0, 5], [[0.1, 1, 2, 3, 4, 5]], [0], Link.Sigmoid)), document);
    }
}
