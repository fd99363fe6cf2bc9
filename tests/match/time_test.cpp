#include <cordon/match/time.hpp>

#include "../catch.hpp"
#include "extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-m time is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"", "--datestop 2038-01-19T03:14:07"},
      {"--timestart 8:00", "--timestart 08:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07"},
      {"--timestart 08:00:01 --timestop 9:5",
       "--timestart 08:00:01 --timestop 09:05:00 --datestop 2038-01-19T03:14:07"},
      {"--timestart 24:00", nullptr},
      {"--timestart 23:59:60", nullptr},
      {"--timestart 8", nullptr},
      {"--timestop 00:00", "--timestart 00:00:00 --timestop 00:00:00 --datestop 2038-01-19T03:14:07"},
      {"--timestart 00:00 --timestop 23:59:59", "--datestop 2038-01-19T03:14:07"},
      {"--weekdays mon", nullptr},
      {"--weekdays Mo,Tu", "--weekdays Mon,Tue --datestop 2038-01-19T03:14:07"},
      {"--weekdays 1,7", "--weekdays Mon,Sun --datestop 2038-01-19T03:14:07"},
      {"--weekdays 0", nullptr},
      {"--weekdays 8", "--weekdays  --datestop 2038-01-19T03:14:07"},
      {"--weekdays foo", nullptr},
      {"! --weekdays Mon", "--weekdays Tue,Wed,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07"},
      {"--weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", "--datestop 2038-01-19T03:14:07"},
      {"! --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", "--weekdays  --datestop 2038-01-19T03:14:07"},
      {"--monthdays 1,31", "--monthdays 1,31 --datestop 2038-01-19T03:14:07"},
      {"--monthdays 1st", nullptr},
      {"--monthdays 32", nullptr},
      {"--monthdays 0", "--monthdays  --datestop 2038-01-19T03:14:07"},
      {"! --monthdays 5",
       "--monthdays 1,2,3,4,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop "
       "2038-01-19T03:14:07"},
      {"--datestart 2024", "--datestart 2024-01-01T00:00:00 --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-02", "--datestart 2024-02-01T00:00:00 --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-02-03T04", "--datestart 2024-02-03T04:00:00 --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-02-03T04:05", "--datestart 2024-02-03T04:05:00 --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-02-03T04:05:06 --datestop 2025-01-01",
       "--datestart 2024-02-03T04:05:06 --datestop 2025-01-01T00:00:00"},
      {"--datestart 2025-02-03 --datestop 2024-01-01",
       "--datestart 2025-02-03T00:00:00 --datestop 2024-01-01T00:00:00"},
      {"--datestart 1969-01-01", nullptr},
      {"--datestart 2039-01-01", nullptr},
      {"--datestart 2024-02-30", "--datestart 2024-03-01T00:00:00 --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-13-01", nullptr},
      {"--datestart 1970-01-01 --datestop 2038-01-19T03:14:07", "--datestop 2038-01-19T03:14:07"},
      {"--datestop 2024-02-29", "--datestop 2024-02-29T00:00:00"},
      {"--datestart 2000-12-31T23:59:59", "--datestart 2000-12-31T23:59:59 --datestop 2038-01-19T03:14:07"},
      {"--utc", "--datestop 2038-01-19T03:14:07"},
      {"--localtz", "--datestop 2038-01-19T03:14:07 --kerneltz"},
      {"--kerneltz --utc", nullptr},
      {"--contiguous --timestart 22:00 --timestop 2:00",
       "--timestart 22:00:00 --timestop 02:00:00 --datestop 2038-01-19T03:14:07 --contiguous"},
      {"--contiguous --timestart 2:00 --timestop 22:00", nullptr},
      {"--contiguous", nullptr},
      {"--timestart 01:02:03 --timestop 04:05:06 --monthdays 1,2,3,4,5 --weekdays Mon,Fri,Sun --datestart "
       "2001-02-03T04:05:06 --datestop 2012-09-08T09:06:05 --kerneltz",
       "--timestart 01:02:03 --timestop 04:05:06 --monthdays 1,2,3,4,5 --weekdays Mon,Fri,Sun --datestart "
       "2001-02-03T04:05:06 --datestop 2012-09-08T09:06:05 --kerneltz"},
      {"--timestart 01:02:03 --timestop 04:05:06 --monthdays 1,2,3,4,5 --weekdays Mon,Fri,Sun --datestart "
       "2001-02-03T04:05:06 --datestop 2012-09-08T09:06:05",
       "--timestart 01:02:03 --timestop 04:05:06 --monthdays 1,2,3,4,5 --weekdays Mon,Fri,Sun --datestart "
       "2001-02-03T04:05:06 --datestop 2012-09-08T09:06:05"},
      {"--timestart 02:00:00 --timestop 03:00:00 --datestart 1970-01-01T02:00:00 --datestop 1970-01-01T03:00:00",
       "--timestart 02:00:00 --timestop 03:00:00 --datestart 1970-01-01T02:00:00 --datestop 1970-01-01T03:00:00"},
      {"--timestart 08:00 --timestop 18:00 --weekdays Mon,Tue",
       "--timestart 08:00:00 --timestop 18:00:00 --weekdays Mon,Tue --datestop 2038-01-19T03:14:07"},
      {"--datestart 2024-01-01 --kerneltz ! --monthdays 1,2",
       "--monthdays 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestart "
       "2024-01-01T00:00:00 --datestop 2038-01-19T03:14:07 --kerneltz"},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested) check_saved(time_match, cases, {.family = in, .backend = of});
}
