// Ports by the names of their services: IANA's names that a usual /etc/services holds, then what the machine knows.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <cordon/rule/option.hpp>

namespace cordon {

namespace detail {
enum service_protocols : std::uint8_t { tcp_only = 1, udp_only = 2, tcp_and_udp = 3 };

struct service {
  std::string_view name;
  std::uint16_t port;
  service_protocols protocols;
};

// By port, as Debian 12 has them.
inline constexpr service known_services[] = {
    {"tcpmux", 1, tcp_only}, {"echo", 7, tcp_and_udp}, {"discard", 9, tcp_and_udp}, {"sink", 9, tcp_and_udp},
    {"null", 9, tcp_and_udp}, {"systat", 11, tcp_only}, {"users", 11, tcp_only}, {"daytime", 13, tcp_and_udp},
    {"netstat", 15, tcp_only}, {"qotd", 17, tcp_only}, {"quote", 17, tcp_only}, {"chargen", 19, tcp_and_udp},
    {"ttytst", 19, tcp_and_udp}, {"source", 19, tcp_and_udp}, {"ftp-data", 20, tcp_only}, {"ftp", 21, tcp_only},
    {"fsp", 21, udp_only}, {"fspd", 21, udp_only}, {"ssh", 22, tcp_only}, {"telnet", 23, tcp_only},
    {"smtp", 25, tcp_only}, {"mail", 25, tcp_only}, {"time", 37, tcp_and_udp}, {"timserver", 37, tcp_and_udp},
    {"whois", 43, tcp_only}, {"nicname", 43, tcp_only}, {"tacacs", 49, tcp_and_udp}, {"domain", 53, tcp_and_udp},
    {"bootps", 67, udp_only}, {"bootpc", 68, udp_only}, {"tftp", 69, udp_only}, {"gopher", 70, tcp_only},
    {"finger", 79, tcp_only}, {"http", 80, tcp_only}, {"www", 80, tcp_only}, {"kerberos", 88, tcp_and_udp},
    {"kerberos5", 88, tcp_and_udp}, {"krb5", 88, tcp_and_udp}, {"kerberos-sec", 88, tcp_and_udp},
    {"iso-tsap", 102, tcp_only}, {"tsap", 102, tcp_only}, {"acr-nema", 104, tcp_only}, {"dicom", 104, tcp_only},
    {"poppassd", 106, tcp_only}, {"pop3", 110, tcp_only}, {"pop-3", 110, tcp_only}, {"sunrpc", 111, tcp_and_udp},
    {"portmapper", 111, tcp_and_udp}, {"auth", 113, tcp_only}, {"authentication", 113, tcp_only},
    {"tap", 113, tcp_only}, {"ident", 113, tcp_only}, {"nntp", 119, tcp_only}, {"readnews", 119, tcp_only},
    {"untp", 119, tcp_only}, {"ntp", 123, udp_only}, {"epmap", 135, tcp_only}, {"loc-srv", 135, tcp_only},
    {"netbios-ns", 137, udp_only}, {"netbios-dgm", 138, udp_only}, {"netbios-ssn", 139, tcp_only},
    {"imap2", 143, tcp_only}, {"imap", 143, tcp_only}, {"snmp", 161, tcp_and_udp}, {"snmp-trap", 162, tcp_and_udp},
    {"snmptrap", 162, tcp_and_udp}, {"cmip-man", 163, tcp_and_udp}, {"cmip-agent", 164, tcp_and_udp},
    {"mailq", 174, tcp_only}, {"xdmcp", 177, udp_only}, {"bgp", 179, tcp_only}, {"smux", 199, tcp_only},
    {"qmtp", 209, tcp_only}, {"z3950", 210, tcp_only}, {"wais", 210, tcp_only}, {"ipx", 213, udp_only},
    {"ptp-event", 319, udp_only}, {"ptp-general", 320, udp_only}, {"pawserv", 345, tcp_only},
    {"zserv", 346, tcp_only}, {"rpc2portmap", 369, tcp_and_udp}, {"codaauth2", 370, tcp_and_udp},
    {"clearcase", 371, udp_only}, {"Clearcase", 371, udp_only}, {"ldap", 389, tcp_and_udp},
    {"svrloc", 427, tcp_and_udp}, {"https", 443, tcp_and_udp}, {"snpp", 444, tcp_only},
    {"microsoft-ds", 445, tcp_only}, {"kpasswd", 464, tcp_and_udp}, {"submissions", 465, tcp_only},
    {"ssmtp", 465, tcp_only}, {"smtps", 465, tcp_only}, {"urd", 465, tcp_only}, {"saft", 487, tcp_only},
    {"isakmp", 500, udp_only}, {"exec", 512, tcp_only}, {"biff", 512, udp_only}, {"comsat", 512, udp_only},
    {"login", 513, tcp_only}, {"who", 513, udp_only}, {"whod", 513, udp_only}, {"shell", 514, tcp_only},
    {"cmd", 514, tcp_only}, {"syslog", 514, tcp_and_udp}, {"printer", 515, tcp_only}, {"spooler", 515, tcp_only},
    {"talk", 517, udp_only}, {"ntalk", 518, udp_only}, {"route", 520, udp_only}, {"router", 520, udp_only},
    {"routed", 520, udp_only}, {"gdomap", 538, tcp_and_udp}, {"uucp", 540, tcp_only}, {"uucpd", 540, tcp_only},
    {"klogin", 543, tcp_only}, {"kshell", 544, tcp_only}, {"krcmd", 544, tcp_only},
    {"dhcpv6-client", 546, udp_only}, {"dhcpv6-server", 547, udp_only}, {"afpovertcp", 548, tcp_only},
    {"rtsp", 554, tcp_and_udp}, {"nntps", 563, tcp_only}, {"snntp", 563, tcp_only}, {"submission", 587, tcp_only},
    {"nqs", 607, tcp_only}, {"asf-rmcp", 623, udp_only}, {"qmqp", 628, tcp_only}, {"ipp", 631, tcp_only},
    {"ldaps", 636, tcp_and_udp}, {"ldp", 646, tcp_and_udp}, {"tinc", 655, tcp_and_udp}, {"silc", 706, tcp_only},
    {"kerberos-adm", 749, tcp_only}, {"kerberos4", 750, tcp_and_udp}, {"kerberos-iv", 750, tcp_and_udp},
    {"kdc", 750, tcp_and_udp}, {"kerberos-master", 751, tcp_and_udp}, {"kerberos_master", 751, udp_only},
    {"passwd-server", 752, udp_only}, {"passwd_server", 752, udp_only}, {"krb-prop", 754, tcp_only},
    {"krb_prop", 754, tcp_only}, {"krb5_prop", 754, tcp_only}, {"hprop", 754, tcp_only},
    {"moira-db", 775, tcp_only}, {"moira_db", 775, tcp_only}, {"moira-update", 777, tcp_only},
    {"moira_update", 777, tcp_only}, {"moira-ureg", 779, udp_only}, {"moira_ureg", 779, udp_only},
    {"spamd", 783, tcp_only}, {"domain-s", 853, tcp_and_udp}, {"supfilesrv", 871, tcp_only},
    {"rsync", 873, tcp_only}, {"ftps-data", 989, tcp_only}, {"ftps", 990, tcp_only}, {"telnets", 992, tcp_only},
    {"imaps", 993, tcp_only}, {"pop3s", 995, tcp_only}, {"socks", 1080, tcp_only}, {"proofd", 1093, tcp_only},
    {"rootd", 1094, tcp_only}, {"rmiregistry", 1099, tcp_only}, {"supfiledbg", 1127, tcp_only},
    {"skkserv", 1178, tcp_only}, {"openvpn", 1194, tcp_and_udp}, {"predict", 1210, udp_only},
    {"rmtcfg", 1236, tcp_only}, {"xtel", 1313, tcp_only}, {"xtelw", 1314, tcp_only}, {"lotusnote", 1352, tcp_only},
    {"lotusnotes", 1352, tcp_only}, {"ms-sql-s", 1433, tcp_only}, {"ms-sql-m", 1434, udp_only},
    {"ingreslock", 1524, tcp_only}, {"datametrics", 1645, tcp_and_udp}, {"old-radius", 1645, tcp_and_udp},
    {"sa-msg-port", 1646, tcp_and_udp}, {"old-radacct", 1646, tcp_and_udp}, {"kermit", 1649, tcp_only},
    {"groupwise", 1677, tcp_only}, {"l2f", 1701, udp_only}, {"l2tp", 1701, udp_only}, {"radius", 1812, tcp_and_udp},
    {"radius-acct", 1813, tcp_and_udp}, {"radacct", 1813, tcp_and_udp}, {"cisco-sccp", 2000, tcp_only},
    {"nfs", 2049, tcp_and_udp}, {"gnunet", 2086, tcp_and_udp}, {"rtcm-sc104", 2101, tcp_and_udp},
    {"zephyr-srv", 2102, udp_only}, {"zephyr-clt", 2103, udp_only}, {"zephyr-hm", 2104, udp_only},
    {"gsigatekeeper", 2119, tcp_only}, {"iprop", 2121, tcp_only}, {"gris", 2135, tcp_only},
    {"cvspserver", 2401, tcp_only}, {"venus", 2430, tcp_and_udp}, {"venus-se", 2431, tcp_and_udp},
    {"codasrv", 2432, tcp_and_udp}, {"codasrv-se", 2433, tcp_and_udp}, {"mon", 2583, tcp_and_udp},
    {"zebrasrv", 2600, tcp_only}, {"zebra", 2601, tcp_only}, {"ripd", 2602, tcp_only}, {"ripngd", 2603, tcp_only},
    {"ospfd", 2604, tcp_only}, {"bgpd", 2605, tcp_only}, {"ospf6d", 2606, tcp_only}, {"ospfapi", 2607, tcp_only},
    {"isisd", 2608, tcp_only}, {"dict", 2628, tcp_only}, {"f5-globalsite", 2792, tcp_only},
    {"gsiftp", 2811, tcp_only}, {"gpsd", 2947, tcp_only}, {"gds-db", 3050, tcp_only}, {"gds_db", 3050, tcp_only},
    {"icpv2", 3130, udp_only}, {"icp", 3130, udp_only}, {"isns", 3205, tcp_and_udp},
    {"iscsi-target", 3260, tcp_only}, {"mysql", 3306, tcp_only}, {"ms-wbt-server", 3389, tcp_only},
    {"nut", 3493, tcp_and_udp}, {"distcc", 3632, tcp_only}, {"daap", 3689, tcp_only}, {"svn", 3690, tcp_only},
    {"subversion", 3690, tcp_only}, {"suucp", 4031, tcp_only}, {"sysrqd", 4094, tcp_only},
    {"sieve", 4190, tcp_only}, {"f5-iquery", 4353, tcp_only}, {"epmd", 4369, tcp_only}, {"remctl", 4373, tcp_only},
    {"ntske", 4460, tcp_only}, {"ipsec-nat-t", 4500, udp_only}, {"fax", 4557, tcp_only},
    {"hylafax", 4559, tcp_only}, {"iax", 4569, udp_only}, {"mtn", 4691, tcp_only}, {"radmin-port", 4899, tcp_only},
    {"munin", 4949, tcp_only}, {"lrrd", 4949, tcp_only}, {"sip", 5060, tcp_and_udp}, {"sip-tls", 5061, tcp_and_udp},
    {"xmpp-client", 5222, tcp_only}, {"jabber-client", 5222, tcp_only}, {"xmpp-server", 5269, tcp_only},
    {"jabber-server", 5269, tcp_only}, {"cfengine", 5308, tcp_only}, {"mdns", 5353, udp_only},
    {"postgresql", 5432, tcp_only}, {"postgres", 5432, tcp_only}, {"rplay", 5555, udp_only},
    {"freeciv", 5556, tcp_only}, {"rptp", 5556, tcp_only}, {"nrpe", 5666, tcp_only}, {"nsca", 5667, tcp_only},
    {"amqps", 5671, tcp_only}, {"amqp", 5672, tcp_only}, {"canna", 5680, tcp_only}, {"x11", 6000, tcp_only},
    {"x11-0", 6000, tcp_only}, {"x11-1", 6001, tcp_only}, {"x11-2", 6002, tcp_only}, {"x11-3", 6003, tcp_only},
    {"x11-4", 6004, tcp_only}, {"x11-5", 6005, tcp_only}, {"x11-6", 6006, tcp_only}, {"x11-7", 6007, tcp_only},
    {"gnutella-svc", 6346, tcp_and_udp}, {"gnutella-rtr", 6347, tcp_and_udp}, {"redis", 6379, tcp_only},
    {"sge-qmaster", 6444, tcp_only}, {"sge_qmaster", 6444, tcp_only}, {"sge-execd", 6445, tcp_only},
    {"sge_execd", 6445, tcp_only}, {"mysql-proxy", 6446, tcp_only}, {"syslog-tls", 6514, tcp_only},
    {"sane-port", 6566, tcp_only}, {"sane", 6566, tcp_only}, {"saned", 6566, tcp_only}, {"ircd", 6667, tcp_only},
    {"babel", 6696, udp_only}, {"ircs-u", 6697, tcp_only}, {"bbs", 7000, tcp_only},
    {"afs3-fileserver", 7000, udp_only}, {"afs3-callback", 7001, udp_only}, {"afs3-prserver", 7002, udp_only},
    {"afs3-vlserver", 7003, udp_only}, {"afs3-kaserver", 7004, udp_only}, {"afs3-volser", 7005, udp_only},
    {"afs3-bos", 7007, udp_only}, {"afs3-update", 7008, udp_only}, {"afs3-rmtsys", 7009, udp_only},
    {"font-service", 7100, tcp_only}, {"xfs", 7100, tcp_only}, {"zope-ftp", 8021, tcp_only},
    {"http-alt", 8080, tcp_only}, {"webcache", 8080, tcp_only}, {"tproxy", 8081, tcp_only},
    {"omniorb", 8088, tcp_only}, {"puppet", 8140, tcp_only}, {"clc-build-daemon", 8990, tcp_only},
    {"xinetd", 9098, tcp_only}, {"bacula-dir", 9101, tcp_only}, {"bacula-fd", 9102, tcp_only},
    {"bacula-sd", 9103, tcp_only}, {"git", 9418, tcp_only}, {"xmms2", 9667, tcp_only}, {"zope", 9673, tcp_only},
    {"webmin", 10000, tcp_only}, {"zabbix-agent", 10050, tcp_only}, {"zabbix-trapper", 10051, tcp_only},
    {"amanda", 10080, tcp_only}, {"kamanda", 10081, tcp_only}, {"amandaidx", 10082, tcp_only},
    {"amidxtape", 10083, tcp_only}, {"nbd", 10809, tcp_only}, {"dicom", 11112, tcp_only}, {"hkp", 11371, tcp_only},
    {"sgi-cmsd", 17001, udp_only}, {"sgi-crsd", 17002, udp_only}, {"sgi-gcd", 17003, udp_only},
    {"sgi-cad", 17004, tcp_only}, {"db-lsp", 17500, tcp_only}, {"dcap", 22125, tcp_only},
    {"gsidcap", 22128, tcp_only}, {"wnn6", 22273, tcp_only}, {"binkp", 24554, tcp_only},
    {"asp", 27374, tcp_and_udp}, {"csync2", 30865, tcp_only}, {"dircproxy", 57000, tcp_only},
    {"tfido", 60177, tcp_only}, {"fido", 60179, tcp_only},
};
}  // namespace detail

/// The port of a service of `protocol` ("tcp", "udp", ...; "" is any): from the table here, else from the machine where
/// `names` asks it; nothing if neither knows.
constexpr std::optional<std::uint32_t> service_port(std::string_view name, std::string_view protocol,
                                                    const name_sources* names) {
  unsigned wanted = 0;
  if (protocol.empty()) wanted = detail::tcp_and_udp;
  if (protocol == "tcp") wanted = detail::tcp_only;
  if (protocol == "udp") wanted = detail::udp_only;
  for (const detail::service& known : detail::known_services)
    if ((known.protocols & wanted) != 0 && known.name == name) return known.port;
  if (names != nullptr && names->service != nullptr) return names->service(name, protocol);
  return std::nullopt;
}

}  // namespace cordon
