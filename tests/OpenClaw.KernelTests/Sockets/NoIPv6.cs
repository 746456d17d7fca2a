namespace OpenClaw.KernelTests;

/// <summary>Simulates a machine booted with ipv6.disable=1: socket() of AF_INET6 fails with EAFNOSUPPORT.</summary>
static class NoIPv6
{
    const int EAFNOSUPPORT = 97;

    /// <summary>Applies to every process that is started in the namespace from now on.</summary>
    public static void In(PrivateNamespace netns) =>
        ForbiddenSockets.In(netns, ForbiddenSockets.AF_INET6, EAFNOSUPPORT);
}
