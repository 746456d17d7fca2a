namespace OpenClaw.DeployTests;

/// <summary>
/// Runs commands in a copy of this system: an overlay in memory over all of its files, with its own mounts, processes
/// and network. Its changes vanish with it. The machine's systemd is not reachable from it.
/// </summary>
static class ScratchSystem
{
    /// <summary>The first argument is the checkout, the second a shell script.</summary>
    const string Enter = """
        set -eu
        folder=$(mktemp -d)
        mount -t tmpfs tmpfs "$folder"
        mkdir "$folder/upper" "$folder/work" "$folder/root" "$folder/upper2" "$folder/work2"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
        # The checkout may be a mount of its own, which an overlay of the root does not contain.
        if [[ ! -e $folder/root$1/OpenClaw.Exporter.sln ]]; then
            mkdir -p "$folder/root$1"
            mount -t overlay overlay -o "lowerdir=$1,upperdir=$folder/upper2,workdir=$folder/work2" "$folder/root$1"
        fi
        mount --bind /proc "$folder/root/proc"
        mount --bind /sys "$folder/root/sys"
        mount --rbind /dev "$folder/root/dev"
        PATH=$PATH:/usr/sbin:/sbin
        ip link set lo up
        exec chroot "$folder/root" bash -c "cd '$1'; $2"
        """;

    /// <summary>Runs a shell script at the top of the checkout; fails with its output when it fails.</summary>
    public static Task<string> RunAsync(string script)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, for an overlay of the system");
        return RunProgram.OutputAsync(
            InstalledProgram.Find("unshare"),
            [
                .. (ReadOnlySpan<string>)["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"],
                .. (ReadOnlySpan<string>)["bash", "-c", Enter, "bash", Repository.Root, script],
            ]
        );
    }
}
