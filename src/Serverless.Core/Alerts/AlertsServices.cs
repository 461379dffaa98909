using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Secrets;
using Serverless.Workspaces;

namespace Serverless.Alerts;

public static class AlertsServices
{
    /// <summary>Signals, alerts and their channels. E-mail also needs an <see cref="IMailSender"/>; a further channel is one registration more.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.TryAddSingleton(new AlertOptions());
        services.TryAddSingleton<SignalRecords>();
        services.TryAddSingleton<ISignals>(s => s.GetRequiredService<SignalRecords>());
        services.TryAddSingleton<AlertRecords>();
        services.TryAddSingleton<IAlerts>(s => s.GetRequiredService<AlertRecords>());
        services.AddSecrets();
        services.TryAddSingleton<HttpPost>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertChannel, LogChannel>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertChannel, WebhookChannel>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertChannel, SlackChannel>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertChannel, TeamsChannel>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IAlertChannel, EmailChannel>());
        services.TryAddSingleton<ChannelCatalogue>();
        services.TryAddSingleton<AlertDispatcher>();
        services.TryAddSingleton<IAlertWorker, AlertWorker>();
        services.TryAddSingleton<ICalibration, Calibration>();
        services.TryAddSingleton<Runs.RunSignals>();
        services.TryAddSingleton<Scoring.ServingSignals>();
        services.TryAddSingleton<Registry.ApprovalSignals>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkspaceValidator, ChannelValidator>());
        return services;
    }
}
