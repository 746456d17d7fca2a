using System.Globalization;
using OpenClaw.Benchmarks;

if (args is ["hold", var index, var sockets])
{
    SocketHolder.Hold(int.Parse(index, CultureInfo.InvariantCulture), int.Parse(sockets, CultureInfo.InvariantCulture));
    return 0;
}

return await SideBySide.RunAsync();
