using System.Globalization;
using OpenClaw.Benchmarks;

switch (args)
{
    case []:
        return await SideBySide.RunAsync();
    case ["soak", var minutes]:
        return await Soak.RunAsync(TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)));
    case ["crowd", var minutes]:
        return await Crowd.RunAsync(TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture)));
    case ["namespaces"]:
        return await ManyNamespaces.RunAsync();
    case ["sockets"]:
        return await SocketSources.RunAsync();
    case ["fleet"]:
        return await FleetScale.RunAsync();
    case ["holders", .. { Length: <= 1 } before]:
        return await HolderSearches.RunAsync(before.FirstOrDefault());
    case ["scrapers"]:
        return await Scrapers.RunAsync();
    case ["witness"]:
        return await Witness.RunAsync();
    case ["hold", var index, var sockets]:
        SocketHolder.Hold(
            int.Parse(index, CultureInfo.InvariantCulture),
            int.Parse(sockets, CultureInfo.InvariantCulture)
        );
        return 0;
    default:
        Console.Error.WriteLine(
            "usage: tests/bench [soak MINUTES|crowd MINUTES|namespaces|sockets|fleet|holders [BINARY]|scrapers|witness]"
        );
        return 2;
}
