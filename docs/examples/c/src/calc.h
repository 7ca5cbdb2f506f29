#pragma once

long add(long left, long right);
