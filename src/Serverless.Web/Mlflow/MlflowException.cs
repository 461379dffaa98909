namespace Serverless.Web.Mlflow;

/// <summary>A refusal with the code that MLflow's clients know (mlflow/protos/databricks.proto, ErrorCode).</summary>
internal sealed class MlflowException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    public static MlflowException Missing(string message) => new("RESOURCE_DOES_NOT_EXIST", message);

    public static MlflowException Exists(string message) => new("RESOURCE_ALREADY_EXISTS", message);

    public static MlflowException Invalid(string message) => new("INVALID_PARAMETER_VALUE", message);

    public static MlflowException Denied(string message) => new("PERMISSION_DENIED", message);
}
