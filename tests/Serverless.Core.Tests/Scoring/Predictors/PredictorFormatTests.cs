using Serverless.Scoring;
using Serverless.Scoring.Predictors;

namespace Serverless.Core.Tests.Scoring.Predictors;

public sealed class PredictorFormatTests
{
    private static readonly IReadOnlyDictionary<string, IPredictorFormat> Formats = ModelPackage.Formats.ToDictionary(f => f.Format);

    public static TheoryData<string> Names => [.. ModelPackage.Formats.Select(f => f.Format)];

    [Theory, MemberData(nameof(Names))]
    public void WriteAndRead_AnyPredictor_GivesEqualAnswersAndEqualBytes(string name)
    {
        var predictor = Make(name);
        predictor.Format.ShouldBe(name);
        var bytes = Write(predictor);
        var again = Formats[name].Read(new MemoryStream(bytes));
        Write(again).ShouldBe(bytes);
        foreach (var row in Rows())
        {
            var (a, b) = (new double[predictor.Outputs], new double[again.Outputs]);
            predictor.Predict(row, a);
            again.Predict(row, b);
            b.ShouldBe(a);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Read_DamagedFile_IsInvalidData(string name)
    {
        var bytes = Write(Make(name));
        Should.Throw<InvalidDataException>(() => Formats[name].Read(new MemoryStream(bytes[..(bytes.Length / 2)])));
        Should.Throw<InvalidDataException>(() => Formats[name].Read(new MemoryStream("{}"u8.ToArray())));
    }

    [Fact]
    public void Read_NewerSchemaVersion_SaysToUpdate() =>
        Should.Throw<InvalidDataException>(() => Formats["constant"].Read(new MemoryStream("""{"schemaVersion":2,"values":[1]}"""u8.ToArray()))).Message.ShouldBe(
            "constant.json has schemaVersion 2; this program knows up to 1: update it");

    private static byte[] Write(IPredictor predictor)
    {
        var stream = new MemoryStream();
        Formats[predictor.Format].Write(predictor, stream);
        return stream.ToArray();
    }

    internal static IPredictor Make(string format) => format switch
    {
        "constant" => new ConstantPredictor([0.2, 0.3, 0.5]),
        "linear" => new LinearPredictor([0, 3, 0], [[0.5, 1, 2, 3, -0.25], [0.1, 0.2, 0.3, 0.4, 1.0 / 3]], [0.1, -0.1], Link.Softmax),
        "trees" => Trees(),
        "additive" => new AdditivePredictor([0.1, -0.2], [new(0, 0, [1, 5.5], [-1, 0.25, 2]), new(0, 1, null, [0.5, -0.5, 1]), new(1, 2, [0], [1.0 / 3, -3])], Link.NormalisedSigmoid),
        "lightgbm" => new LightGbmPredictor(LightGbmTextTests.Binary),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "a format without a test"),
    };

    private static TreeEnsemble Trees()
    {
        var builder = new TreeEnsembleBuilder(1) { Link = Link.Sigmoid, Slope = 0.5, Offset = 0.25, Bias = [0.1] };
        for (var i = 0; i < 5; i++) builder.AddLeaf(i / 3.0);
        builder.AddNumber(0, 0.1, missingLeft: true, 1, 2);
        builder.AddCategories(1, [0b101u, 0, 1u], ~0, ~1);
        builder.AddZeroMissing(2, -1.5, missingLeft: false, 3, ~2);
        builder.AddCategory(1, 2, ~3, ~4);
        builder.AddTree(0);
        builder.AddTree(~4);
        return builder.Build();
    }

    internal static IEnumerable<float[]> Rows()
    {
        float[] values = [float.NaN, -2, -1.5f, 0, 0.1f, 1, 2, 64, 65, float.PositiveInfinity, float.NegativeInfinity];
        return from a in values from b in values from c in values select new[] { a, b, c };
    }
}
