using System.Text;
using Serverless.Registry;
using Serverless.Scoring;

namespace Serverless.Web.Tests.Releases;

/// <summary>A predictor that misbehaves as its file says: <c>throw</c>, <c>nan</c>, <c>hang</c>.</summary>
internal sealed class BadFormat : IPredictorFormat
{
    /// <summary>Set when a test is over, so that threads that hang end.</summary>
    public ManualResetEventSlim Release { get; } = new();

    /// <summary>A hanging predictor was asked.</summary>
    public int Asked;

    public string Format => "bad";

    public string FileName => "bad.txt";

    public void Write(IPredictor predictor, Stream stream) => stream.Write(Encoding.UTF8.GetBytes(((Bad)predictor).Kind));

    public IPredictor Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return new Bad(this, reader.ReadToEnd());
    }

    /// <summary>A version of "late" that misbehaves.</summary>
    public ModelCandidate Candidate(string kind, int version)
    {
        var good = Flights.Candidate("late", version);
        using var zip = new MemoryStream(good.Artefact);
        var document = ModelPackage.Read(zip, version).Document with { Predictor = Format };
        return good with { Artefact = ModelPackage.Write(document, new Bad(this, kind), [this]) };
    }

    private sealed class Bad(BadFormat format, string kind) : IPredictor
    {
        public string Kind => kind;

        public string Format => format.Format;

        public int Outputs => 1;

        public void Predict(ReadOnlySpan<float> features, Span<double> outputs)
        {
            Interlocked.Increment(ref format.Asked);
            if (kind == "throw") throw new InvalidOperationException("the challenger is broken");
            if (kind == "hang") format.Release.Wait();
            outputs[0] = double.NaN;
        }
    }
}
