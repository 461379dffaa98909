namespace Serverless.Scoring;

/// <summary>The ways of asking for a prediction; all lead through one reader of rows.</summary>
public enum Protocol : byte
{
    /// <summary><c>POST /v1/models/{model}/predict</c>, and the command line.</summary>
    Rows,

    /// <summary>Open Inference Protocol v2, below <c>/v2</c>.</summary>
    OpenInference,

    /// <summary>MLflow scoring, <c>POST /invocations</c>.</summary>
    Mlflow,
}

public static class ProtocolNames
{
    private static readonly string[] Names = ["rows", "open-inference", "mlflow"];

    /// <summary>As the prediction log has it.</summary>
    public static string Name(this Protocol protocol) => Names[(int)protocol];
}
