using Serverless.Core.Tests.Features;
using Serverless.Features;
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
        var bytes = ModelPackage.Write(document with { SchemaVersion = 2 }, new ConstantPredictor([0.5]));
        Should.Throw<DataException>(() => ModelPackage.Read(new MemoryStream(bytes), 1)).Message.ShouldBe("model.zip has schemaVersion 2; this program knows up to 1: update it");
    }

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
