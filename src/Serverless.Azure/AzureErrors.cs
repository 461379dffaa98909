using Azure;
using Azure.Identity;
using Serverless.Problems;

namespace Serverless.Azure;

/// <summary>Turns answers that no retry mends into errors that name the remedy.</summary>
internal static class AzureErrors
{
    public static async Task<T> GuardAsync<T>(string activity, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (Remedy(e, activity) is { } remedy)
        {
            throw remedy;
        }
    }

    private static EnvironmentException? Remedy(Exception e, string activity) => e switch
    {
        RequestFailedException { ErrorCode: "ContainerNotFound" or "QueueNotFound" or "TableNotFound" } missing => new EnvironmentException(
            $"could not {activity}: the account lacks the {missing.ErrorCode[..^8].ToLowerInvariant()} it should be in. Deploy infra/ (azd provision) again, which makes it.", e),
        RequestFailedException { ErrorCode: "AccountIsDisabled" or "InsufficientAccountPermissions" } => new EnvironmentException(
            $"could not {activity}: the storage account is disabled or read-only. Look at its state in the portal.", e),
        RequestFailedException { Status: 401 or 403 } => new EnvironmentException(
            $"could not {activity}: the storage account refuses this identity. Give it the roles Storage Blob Data Contributor, Storage Queue Data Contributor and "
            + "Storage Table Data Contributor on the account (infra/ does), or check the key and the account's network rules.", e),
        RequestFailedException { Status: 0 } => new EnvironmentException(Unreachable(activity, e), e),
        AggregateException { InnerExceptions: [.., RequestFailedException { Status: 0 }] } => new EnvironmentException(Unreachable(activity, e.InnerException!), e),
        AuthenticationFailedException => new EnvironmentException(
            $"could not {activity}: no identity to reach the storage account with. On Azure, assign a managed identity; on a desk, run 'az login'.", e),
        _ => null,
    };

    private static string Unreachable(string activity, Exception e) =>
        $"could not {activity}: the storage account does not answer ({e.Message.Split('\n')[0].TrimEnd()}). Check its name and the network.";
}
