/** The lessons, and the sections below the first screen, in one piece: nothing of the first answer needs them. */

import "../cause/sw-cause";
import "../datapath/sw-datapath";
import "../layer/sw-layer";
import "../lessons/sw-lesson";
import "../many/sw-many";
import "../network/sw-network";
