using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Alerts;

namespace Serverless.Mail;

public static class MailServices
{
    /// <summary>Lets alerts go out by SMTP. MailKit is loaded with the first mail.</summary>
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.TryAddSingleton<IMailSender, MailKitSender>();
        return services;
    }
}
