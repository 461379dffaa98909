using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Scoring;
using Serverless.Scoring.Predictors;
using Serverless.Testing;
using Serverless.Training;

namespace Serverless.Onnx.Tests;

public sealed class OnnxImportTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly OnnxImporter importer = new();

    public void Dispose() => folder.Dispose();

    // Expected: softmax of the scores, computed by hand here.
    [Theory, InlineData(true), InlineData(false)]
    public void Import_LinearClassifier_AnswersInTheOrderOfTheClassesAskedFor(bool zipMap)
    {
        var predictor = Import(Graphs.LinearClassifier(zipMap, "snow", "rain", "sun"), TaskKind.Multiclass, ["x", "y"], ["rain", "snow", "sun"]);
        float[][] rows = [[1, 2], [-0.5f, 0.25f], [0, 0]];
        foreach (var row in rows)
        {
            double[] scores = [.. Enumerable.Range(0, 3).Select(i => (i + 0.5) * row[0] + (1.0 - i) * row[1] + 0.1 * i)];
            var sum = scores.Sum(Math.Exp);
            var answers = new double[3];
            predictor.Predict(row, answers);
            answers.ShouldBe([Math.Exp(scores[1]) / sum, Math.Exp(scores[0]) / sum, Math.Exp(scores[2]) / sum], 1e-6);
        }
    }

    [Fact]
    public void Import_Trees_AnswersWithTheLeavesOfTheTrueClassAndTakesMissing()
    {
        var predictor = Import(Graphs.Trees(), TaskKind.Binary, ["a", "b", "c"], ["false", "true"]);
        Answers(predictor, [1, 0, 0], [9, 0, 0], [9, 0, 7], [float.NaN, 0, 7]).ShouldBe([0.05 + 0.2, 0.4 + 0.2, 0.4 + 0.45, 0.05 + 0.45], 1e-6);
    }

    [Fact]
    public void Import_InputForEachFeature_GoTogetherByName() =>
        Answers(Import(Graphs.Line(), TaskKind.Regression, ["a", "b"], []), [1, 2], [10, 0.5f]).ShouldBe([3, 22.5], 1e-6);

    [Fact]
    public void Import_Batch_AnswersAsRowByRow()
    {
        var predictor = Import(Graphs.Trees(), TaskKind.Binary, ["a", "b", "c"], ["false", "true"]);
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 30_000).Select(_ => (float)(random.NextDouble() * 10))];
        var all = predictor.PredictAll(new FeatureMatrix(values, 10_000, Slots("a", "b", "c")));
        all.Distinct().Count().ShouldBe(4);
        var one = new double[1];
        for (var r = 0; r < 10_000; r += 97)
        {
            predictor.Predict(values.AsSpan(r * 3, 3), one);
            one[0].ShouldBe(all[r]);
        }
    }

    [Fact]
    public void Format_StoredAndReadBack_GivesTheSameBytesAndAnswers()
    {
        var predictor = Import(Graphs.LinearClassifier(true, "no", "yes"), TaskKind.Binary, ["x", "y"], ["false", "true"], new OnnxDefinition(["true", "false"], null));
        var format = new OnnxFormat();
        using var stream = new MemoryStream();
        format.Write(predictor, stream);
        stream.Position = 0;
        var again = format.Read(stream);
        Answers(again, [1, 2], [0, 0]).ShouldBe(Answers(predictor, [1, 2], [0, 0]));
        // The first column is true: softmax(0.5 + 2, 1.5 + 0 + 0.1).
        Answers(again, [1, 2])[0].ShouldBe(Math.Exp(2.5) / (Math.Exp(2.5) + Math.Exp(1.6)), 1e-6);
    }

    [Fact]
    public void Read_StoredFileDamaged_IsInvalidData()
    {
        var bytes = ((OnnxPredictor)Import(Graphs.Trees(), TaskKind.Binary, ["a", "b", "c"], ["false", "true"])).Bytes;
        Should.Throw<InvalidDataException>(() => new OnnxFormat().Read(new MemoryStream(bytes[..(bytes.Length / 2)])));
        Should.Throw<InvalidDataException>(() => new OnnxFormat().Read(new MemoryStream(Graphs.Trees().Build()))).Message.ShouldContain("has no binding");
    }

    [Fact]
    public void Import_OtherNumberOfFeatures_NamesBothSides() => Refused(Graphs.Trees(), TaskKind.Binary, ["a", "b"]).ShouldBe(
        "m.onnx: input 'X' has shape [?, 3], and models/m.yaml has 2 features (a, b); expected [rows, 2], or one input for each feature");

    [Fact]
    public void Import_OtherNames_AreNamedWithWhatWasMeant() => Refused(Graphs.Line(), TaskKind.Regression, ["a", "bb"]).ShouldBe(
        "m.onnx has other inputs than models/m.yaml has features: no feature for 'b'; no input for 'bb'. They go together by name. Did you mean 'bb' with 'b'?");

    [Fact]
    public void Import_TextInput_IsRefused() => Refused(new Graphs().Input("a", 8, -1, 1).Input("b", 1, -1, 1).Node("Identity", ["b"], ["y"]).Output("y", 1, -1, 1), TaskKind.Regression, ["a", "b"]).ShouldBe(
        "m.onnx: input 'a' is string; features are numbers, so it must be float, double or int64");

    [Theory]
    [InlineData("com.example", "Fancy", "m.onnx has custom operators, which are not run here: com.example.Fancy. Allowed are those of ai.onnx and ai.onnx.ml; export the model without them")]
    [InlineData("com.microsoft", "FusedMatMul", "m.onnx has custom operators, which are not run here: com.microsoft.FusedMatMul. ")]
    public void Import_CustomOperator_IsNamed(string domain, string op, string message) =>
        Refused(new Graphs().Input("X", 1, -1, 2).Node(op, ["X"], ["y"], domain).Output("y", 1, -1, 1).Opset(domain, 1), TaskKind.Regression, ["a", "b"]).ShouldStartWith(message);

    [Fact]
    public void Import_CustomOperatorWithinABranch_IsNamed()
    {
        var branch = new Files.WireWriter().Bytes(1, new Files.WireWriter().Text(2, "y").Text(4, "Hidden").Text(7, "evil").ToArray()).ToArray();
        var attribute = new Files.WireWriter().Text(1, "then_branch").Number(20, 5).Bytes(6, branch).ToArray();
        Refused(new Graphs().Input("X", 1, -1, 2).Node("If", ["X"], ["y"], "", attribute).Output("y", 1, -1, 1), TaskKind.Regression, ["a", "b"]).ShouldContain("evil.Hidden");
    }

    [Fact]
    public void Import_OperatorSetOfTheFuture_IsRefusedByItsNumber() => Refused(Graphs.Trees().Opset("", 999), TaskKind.Binary, ["a", "b", "c"]).ShouldContain("999");

    [Fact]
    public void Import_NotProbabilities_ShowsARow() => Refused(new Graphs().Input("X", 1, -1, 2).Node("Identity", ["X"], ["y"]).Output("y", 1, -1, 2), TaskKind.Binary, ["a", "b"], rows: [3, -4]).ShouldBe(
        "m.onnx: output 'y' is not probabilities: row 1 gave -4. Export the model with probabilities, or name another output: 'onnx: { output: NAME }'");

    [Fact]
    public void Import_ClassesOtherThanTheLabels_NamesBoth() => Refused(Graphs.LinearClassifier(true, "rain", "snow", "fog"), TaskKind.Multiclass, ["x", "y"], ["rain", "snow", "sun"]).ShouldStartWith(
        "m.onnx knows the classes rain, snow, fog, and the label of models/m.yaml has rain, snow, sun; they must be the same.");

    [Fact]
    public void Import_BinaryWithOtherWords_AsksWhichColumnIsWhich() => Refused(Graphs.LinearClassifier(true, "no", "yes"), TaskKind.Binary, ["x", "y"]).ShouldBe(
        "m.onnx tells 'no' and 'yes' apart; a binary model's classes are false and true. Say in models/m.yaml which column is which: 'onnx: { classes: [false, true] }'");

    [Fact]
    public void Import_SeveralOutputs_AsksForTheName()
    {
        var graph = () => new Graphs().Input("X", 1, -1, 1).Node("Identity", ["X"], ["low"]).Node("Neg", ["X"], ["high"]).Output("low", 1, -1, 1).Output("high", 1, -1, 1);
        Refused(graph(), TaskKind.Regression, ["a"]).ShouldContain("has several outputs of floats; found 'low' (float [?, 1]), 'high' (float [?, 1]). Name the one to read");
        Answers(Import(graph(), TaskKind.Regression, ["a"], [], new OnnxDefinition(null, "high")), [4]).ShouldBe([-4]);
        Should.Throw<DataException>(() => Import(graph(), TaskKind.Regression, ["a"], [], new OnnxDefinition(null, "hihg"))).Message.ShouldContain("Did you mean 'high'?");
    }

    [Theory]
    [InlineData("../outside.bin"), InlineData("/etc/hostname"), InlineData("inside/../../outside.bin"), InlineData("link.bin"), InlineData("")]
    public void Open_ExternalDataOutsideTheFolder_IsRefusedWithoutReading(string location)
    {
        Directory.CreateDirectory(folder["m/inside"]);
        File.WriteAllBytes(folder["outside.bin"], Graphs.Raw([2]));
        File.CreateSymbolicLink(folder["m/link.bin"], folder["outside.bin"]);
        File.WriteAllBytes(folder["m/m.onnx"], External(location).Build());
        Should.Throw<DataException>(() => importer.Open(folder["m/m.onnx"])).Message.ShouldBe($"m.onnx: tensor 'two' keeps its values in '{location}', which is outside the folder of the model; nothing outside is read");
    }

    [Fact]
    public void Open_ExternalDataBesideTheFile_ArePutIntoIt()
    {
        File.WriteAllBytes(folder["weights.bin"], [0, 0, 0, 0, .. Graphs.Raw([2])]);
        File.WriteAllBytes(folder["m.onnx"], External("weights.bin").Build());
        var file = importer.Open(folder["m.onnx"]);
        File.Delete(folder["weights.bin"]);
        Answers(importer.Import(Model(TaskKind.Regression), file, "m.onnx", [], new FeatureMatrix([], 0, Slots("a"))), [5]).ShouldBe([10]);
    }

    [Fact]
    public void Open_ExternalDataTooShortOrAbsent_SaysSo()
    {
        File.WriteAllBytes(folder["m.onnx"], External("weights.bin").Build());
        Should.Throw<DataException>(() => importer.Open(folder["m.onnx"])).Message.ShouldContain("'weights.bin', which is not beside the model");
        File.WriteAllBytes(folder["weights.bin"], [1, 2]);
        Should.Throw<DataException>(() => importer.Open(folder["m.onnx"])).Message.ShouldContain("asks for 4 bytes from 4 of 'weights.bin', which has 2");
    }

    [Fact]
    public void Open_AnyDamage_IsAnErrorThatNamesTheFile()
    {
        var whole = Graphs.LinearClassifier(true, "a", "b", "c").Build();
        for (var length = 0; length < whole.Length; length += 7) Damaged(whole[..length]);
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var k = 0; k < 4; k++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Damaged(bytes);
        }

        Damaged("this is no model"u8.ToArray());

        void Damaged(byte[] bytes)
        {
            File.WriteAllBytes(folder["m.onnx"], bytes);
            try
            {
                Import(importer.Open(folder["m.onnx"]), TaskKind.Multiclass, ["x", "y"], ["a", "b", "c"], null);
            }
            catch (DataException e)
            {
                e.Message.ShouldStartWith("m.onnx");
            }
        }
    }

    [Fact]
    public void Fit_Asked_SaysThatItIsImported() => Should.Throw<DataException>(() =>
        importer.Fit(new TrainingSet { Task = TaskKind.Regression, Classes = 0, Labels = [], Features = new FeatureMatrix([], 0, []) }, new Dictionary<string, double>(), 1, null, CancellationToken.None)).Message.ShouldBe(
            "an ONNX model is imported, not trained: serverless-ml models import MODEL FILE.onnx");

    private static Graphs External(string location) => new Graphs().Input("a", 1, -1, 1).Node("Mul", ["a", "two"], ["y"]).Output("y", 1, -1, 1).ExternalInitializer("two", location, 4, 4, 1);

    private string Refused(Graphs graph, TaskKind task, string[] features, string[]? classes = null, float[]? rows = null) =>
        Should.Throw<DataException>(() => Import(graph, task, features, classes ?? ["false", "true"], null, rows)).Message;

    private IPredictor Import(Graphs graph, TaskKind task, string[] features, string[] classes, OnnxDefinition? onnx = null, float[]? rows = null)
    {
        File.WriteAllBytes(folder["m.onnx"], graph.Build());
        return Import(importer.Open(folder["m.onnx"]), task, features, classes, onnx, rows);
    }

    private IPredictor Import(ImportFile file, TaskKind task, string[] features, string[] classes, OnnxDefinition? onnx, float[]? rows = null) =>
        importer.Import(Model(task) with { Onnx = onnx }, file, "m.onnx", classes, new FeatureMatrix(rows ?? [], rows is null ? 0 : rows.Length / features.Length, Slots(features)));

    private static FeatureSlot[] Slots(params string[] names) => [.. names.Select(n => new FeatureSlot(n, 0, false))];

    private static double[] Answers(IPredictor predictor, params float[][] rows) => [.. rows.Select(r =>
    {
        var one = new double[1];
        predictor.Predict(r, one);
        return one[0];
    })];

    private static ModelDefinition Model(TaskKind task) => new()
    {
        Name = "m", Task = task, Dataset = "d", Label = new ExpressionText("y"), Features = [], Trainer = new TrainerDefinition("onnx", new Dictionary<string, Parameter>(), 42, 1, 1),
        Holdout = TimeSpan.FromDays(1), Gate = new GateDefinition(), File = "models/m.yaml",
    };
}
