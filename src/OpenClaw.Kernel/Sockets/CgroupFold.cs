using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;

namespace OpenClaw.Kernel.Sockets;

/// <summary>Counts the sockets that stream by for each cgroup.</summary>
sealed class CgroupFold
{
    /// <summary>Cgroups counted one by one; those met later are counted together.</summary>
    const int CgroupsAtMost = 1024;

    readonly Dictionary<ulong, int> _places = [];
    CgroupSockets[] _cgroups = new CgroupSockets[16];
    CgroupSockets _rest;

    // Sockets of one cgroup tend to follow one another: the two ends of a connection, the workers of a server.
    int _last = -1;

    public void Clear()
    {
        _places.Clear();
        _rest = default;
        _last = -1;
    }

    public void Add(in SocketRecord record)
    {
        if (CgroupSockets.Counts(record.State))
            Find(record.CgroupId).Add(record.State);
    }

    /// <summary>The cgroups, those with the most sockets first.</summary>
    public ImmutableArray<CgroupSockets> ToCgroups() =>
        [
            .. _cgroups
                .Take(_places.Count)
                .OrderByDescending(static cgroup => cgroup.Total)
                .ThenBy(static cgroup => cgroup.Id),
        ];

    /// <summary>Sockets of the cgroups that were too many to be counted one by one.</summary>
    public CgroupSockets Rest => _rest;

    ref CgroupSockets Find(ulong id)
    {
        if (_last >= 0 && _cgroups[_last].Id == id)
            return ref _cgroups[_last];
        if (!_places.TryGetValue(id, out _last))
        {
            _last = -1;
            if (_places.Count == CgroupsAtMost)
                return ref _rest;
            _last = _places.Count;
            _places.Add(id, _last);
            if (_last == _cgroups.Length)
                Array.Resize(ref _cgroups, 2 * _last);
            _cgroups[_last] = new(id);
        }

        return ref _cgroups[_last];
    }
}
