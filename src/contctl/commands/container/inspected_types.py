"""The fields of docker's types for an inspection, in docker's order.

One a line: the name in Go, `=` and the name in JSON where that is another one, and the type. From
github.com/docker/docker 28, `api/types/container`, `network`, `mount` and `storage`.
"""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


TYPES = {
    "Inspection": _lines(
        """
        ID=Id string
        Created string
        Path string
        Args []string
        State *State
        Image string
        ResolvConfPath string
        HostnamePath string
        HostsPath string
        LogPath string
        Name string
        RestartCount int
        Driver string
        Platform string
        MountLabel string
        ProcessLabel string
        AppArmorProfile string
        ExecIDs []string
        HostConfig *HostConfig
        GraphDriver GraphDriver
        SizeRw *int omitempty
        SizeRootFs *int omitempty
        Mounts []Mount
        Config *Config
        NetworkSettings *NetworkSettings
        ImageManifestDescriptor *any omitempty
        """
    ),
    "State": _lines(
        """
        Status string
        Running bool
        Paused bool
        Restarting bool
        OOMKilled bool
        Dead bool
        Pid int
        ExitCode int
        Error string
        StartedAt string
        FinishedAt string
        Health *Health omitempty
        """
    ),
    "Health": _lines(
        """
        Status string
        FailingStreak int
        Log []*HealthResult
        """
    ),
    "HealthResult": _lines(
        """
        Start time
        End time
        ExitCode int
        Output string
        """
    ),
    "GraphDriver": _lines(
        """
        Data map[string]string
        Name string
        """
    ),
    "Mount": _lines(
        """
        Type string omitempty
        Name string omitempty
        Source string
        Destination string
        Driver string omitempty
        Mode string
        RW bool
        Propagation string
        """
    ),
    "Config": _lines(
        """
        Hostname string
        Domainname string
        User string
        AttachStdin bool
        AttachStdout bool
        AttachStderr bool
        ExposedPorts map[nat.Port]Empty omitempty
        Tty bool
        OpenStdin bool
        StdinOnce bool
        Env []string
        Cmd []string
        Healthcheck *Healthcheck omitempty
        ArgsEscaped bool omitempty
        Image string
        Volumes map[string]Empty
        WorkingDir string
        Entrypoint []string
        NetworkDisabled bool omitempty
        MacAddress string omitempty
        OnBuild []string
        Labels map[string]string
        StopSignal string omitempty
        StopTimeout *int omitempty
        Shell []string omitempty
        """
    ),
    "Empty": (),
    "Healthcheck": _lines(
        """
        Test []string omitempty
        Interval duration omitempty
        Timeout duration omitempty
        StartPeriod duration omitempty
        StartInterval duration omitempty
        Retries int omitempty
        """
    ),
    "HostConfig": _lines(
        """
        Binds []string
        ContainerIDFile string
        LogConfig LogConfig
        NetworkMode string
        PortBindings map[nat.Port][]PortBinding
        RestartPolicy RestartPolicy
        AutoRemove bool
        VolumeDriver string
        VolumesFrom []string
        ConsoleSize []int
        Annotations map[string]string omitempty
        CapAdd []string
        CapDrop []string
        CgroupnsMode string
        DNS=Dns []string
        DNSOptions=DnsOptions []string
        DNSSearch=DnsSearch []string
        ExtraHosts []string
        GroupAdd []string
        IpcMode string
        Cgroup string
        Links []string
        OomScoreAdj int
        PidMode string
        Privileged bool
        PublishAllPorts bool
        ReadonlyRootfs bool
        SecurityOpt []string
        StorageOpt map[string]string omitempty
        Tmpfs map[string]string omitempty
        UTSMode string
        UsernsMode string
        ShmSize int
        Sysctls map[string]string omitempty
        Runtime string omitempty
        Isolation string
        CPUShares=CpuShares int
        Memory int
        NanoCPUs=NanoCpus int
        CgroupParent string
        BlkioWeight int
        BlkioWeightDevice []*WeightDevice
        BlkioDeviceReadBps []*ThrottleDevice
        BlkioDeviceWriteBps []*ThrottleDevice
        BlkioDeviceReadIOps []*ThrottleDevice
        BlkioDeviceWriteIOps []*ThrottleDevice
        CPUPeriod=CpuPeriod int
        CPUQuota=CpuQuota int
        CPURealtimePeriod=CpuRealtimePeriod int
        CPURealtimeRuntime=CpuRealtimeRuntime int
        CpusetCpus string
        CpusetMems string
        Devices []DeviceMapping
        DeviceCgroupRules []string
        DeviceRequests []DeviceRequest
        KernelMemory int omitempty
        KernelMemoryTCP int omitempty
        MemoryReservation int
        MemorySwap int
        MemorySwappiness *int
        OomKillDisable *bool
        PidsLimit *int
        Ulimits []*Ulimit
        CPUCount=CpuCount int
        CPUPercent=CpuPercent int
        IOMaximumIOps int
        IOMaximumBandwidth int
        Mounts []any omitempty
        MaskedPaths []string
        ReadonlyPaths []string
        Init *bool omitempty
        """
    ),
    "LogConfig": _lines(
        """
        Type string
        Config map[string]string
        """
    ),
    "RestartPolicy": _lines(
        """
        Name string
        MaximumRetryCount int
        """
    ),
    "WeightDevice": _lines(
        """
        Path string
        Weight int
        """
    ),
    "ThrottleDevice": _lines(
        """
        Path string
        Rate int
        """
    ),
    "DeviceMapping": _lines(
        """
        PathOnHost string
        PathInContainer string
        CgroupPermissions string
        """
    ),
    "DeviceRequest": _lines(
        """
        Driver string
        Count int
        DeviceIDs []string
        Capabilities [][]string
        Options map[string]string
        """
    ),
    "Ulimit": _lines(
        """
        Name string
        Hard int
        Soft int
        """
    ),
    "PortBinding": _lines(
        """
        HostIP=HostIp string
        HostPort string
        """
    ),
    "NetworkSettings": _lines(
        """
        Bridge string
        SandboxID string
        SandboxKey string
        Ports map[nat.Port][]PortBinding
        HairpinMode bool
        LinkLocalIPv6Address string
        LinkLocalIPv6PrefixLen int
        SecondaryIPAddresses []Address
        SecondaryIPv6Addresses []Address
        EndpointID string
        Gateway string
        GlobalIPv6Address string
        GlobalIPv6PrefixLen int
        IPAddress string
        IPPrefixLen int
        IPv6Gateway string
        MacAddress string
        Networks map[string]*Endpoint
        """
    ),
    "Address": _lines(
        """
        Addr string
        PrefixLen int
        """
    ),
    "Endpoint": _lines(
        """
        IPAMConfig *EndpointAddresses
        Links []string
        Aliases []string
        MacAddress string
        DriverOpts map[string]string
        GwPriority int
        NetworkID string
        EndpointID string
        Gateway string
        IPAddress string
        IPPrefixLen int
        IPv6Gateway string
        GlobalIPv6Address string
        GlobalIPv6PrefixLen int
        DNSNames []string
        """
    ),
    "EndpointAddresses": _lines(
        """
        IPv4Address string omitempty
        IPv6Address string omitempty
        LinkLocalIPs []string omitempty
        """
    ),
}
