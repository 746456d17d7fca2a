using OpenClaw.Exporter;
using OpenClaw.Exporter.Cli;
using OpenClaw.Kernel;

if (Platform.Refusal(OperatingSystem.IsOSPlatform) is { } refusal)
{
    Complaint.Print(refusal);
    return ExitCodes.Unavailable;
}

StandardOutput.ReplaceConsole();
if ((Platform.SmallStack(OwnLimits.Stack) ?? Platform.SmallAddressSpace(OwnLimits.AddressSpace)) is { } small)
{
    Complaint.Print(small);
    return ExitCodes.Unavailable;
}

return await ExporterCommand.RunAsync(args, ExporterServer.RunAsync, ExporterServer.DiagnoseAsync, OwnDiagnoses.Begin);
