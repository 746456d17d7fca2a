using OpenClaw.Exporter;
using OpenClaw.Exporter.Cli;

if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("openclaw-exporter: reads the Linux kernel; on Windows run it in WSL2, on macOS in the Linux VM of a container engine");
    return 2;
}

return await ExporterCommand.RunAsync(args, ExporterServer.RunAsync, ExporterServer.DiagnoseAsync);
