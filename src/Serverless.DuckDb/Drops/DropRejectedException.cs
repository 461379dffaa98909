namespace Serverless.DuckDb.Drops;

/// <summary>The file as a whole is not what the contract says. Caught at the door of the engine, where it becomes a value.</summary>
internal sealed class DropRejectedException(string reason) : Exception(reason);
