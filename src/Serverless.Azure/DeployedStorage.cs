using Serverless.Workspaces;

namespace Serverless.Azure;

/// <summary>The store of a deployed app: what the deployment made, whatever the workspace's file says.</summary>
public static class DeployedStorage
{
    /// <summary>Name of the storage account, reached with the app's identity.</summary>
    public const string Account = "SERVERLESS_STORAGE_ACCOUNT";

    /// <summary>Name of the App Configuration store that holds the flags of rollouts.</summary>
    public const string Flags = "SERVERLESS_APP_CONFIGURATION";

    /// <summary>The connection that the triggers use, on an emulator.</summary>
    public const string Connection = "Storage";

    /// <param name="declared">Of the workspace. The store of flags that it names holds where the deployment made none.</param>
    /// <param name="variable">Value of an environment variable; null or empty where it is not set.</param>
    public static StorageSettings Settings(StorageSettings declared, Func<string, string?> variable)
    {
        var account = Set(variable(Account));
        return new StorageSettings
        {
            Kind = StorageKind.Azure, Account = account, ConnectionVariable = account is null ? Connection : null, AppConfiguration = Set(variable(Flags)) ?? declared.AppConfiguration,
        };
    }

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
