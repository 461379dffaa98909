using Microsoft.Extensions.DependencyInjection;
using Serverless.CrashHost;
using Serverless.Local;
using Serverless.Storage;

// A process for tests to kill, or to run several of: write FOLDER WRITER | count FOLDER TIMES | take FOLDER | approve WORKSPACE MODEL VERSION BY TABLE |
// watch WORKSPACE MODEL RUN TABLE
if (args[0] == "approve")
{
    await Approving.RunAsync(args[1], args[2], int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture), args[4], args[5]);
    return 0;
}

if (args[0] == "watch")
{
    await Watching.RunAsync(args[1], args[2], args[3], args[4]);
    return 0;
}

await using var services = new ServiceCollection().AddStorage().AddLocalStorage(args[1]).BuildServiceProvider();
var objects = services.GetRequiredService<IObjectStore>();
var records = services.GetRequiredService<IRecordStore>();
var queue = services.GetRequiredService<IWorkQueue>();
switch (args[0])
{
    case "write":
        await Writing.RunAsync(objects, records, queue, args[2]);
        break;
    case "count":
        await Counting.RunAsync(objects, records, int.Parse(args[2]));
        break;
    case "take":
        await Taking.RunAsync(queue);
        break;
    default:
        return 2;
}

return 0;
